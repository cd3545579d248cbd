"""A sealer over the key that seals now: reopened when the key book offers another one.

Keys rotate while a service runs for months. A sealer is built round one key and its
certificates, so a new key takes a new sealer; a document that was laid out under the old
one is drawn again. Why sealing is paused is logged once when it begins, and its end as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from threading import Lock
from typing import Protocol

import structlog

from credentials.errors import CredentialError, SealingPaused
from credentials.sealing import Prepared, Sealer, SealProfile
from keys.custody import KeyRef, SealSigner
from keys.errors import KeysError, KeyUnavailable

PAUSED = "Sealing is paused. Nothing was issued."
PROBE = hashlib.sha256(b"echt: can this key sign?").digest()
"""What the held key signs when somebody asks whether it can: no document has this digest."""
PROBES = {"ES384": hashlib.sha384(PROBE).digest()}


class Report(Protocol):
    """Where a change of state is written down; a structlog logger is one."""

    def warning(self, event: str, /, **words: object) -> object:
        """Note it."""
        ...


class CurrentSealer:
    """As `Sealer`; every other property is that of the sealer of the key that seals now."""

    def __init__(
        self,
        signer: Callable[[], SealSigner],
        opening: Callable[[SealSigner], Sealer],
        report: Report | None = None,
    ) -> None:
        self._signer = signer
        self._opening = opening
        self._report: Report = report or structlog.get_logger()
        self._lock = Lock()
        self._cause = ""
        self._held = signer()
        self._sealer = opening(self._held)

    @property
    def key(self) -> KeyRef:
        """The key of the last document that was laid out."""
        return self._sealer.key

    @property
    def profile(self) -> SealProfile:
        """The profile that every seal follows."""
        return self._sealer.profile

    def prepare(self, draft: bytes) -> Prepared:
        """Lay out a file for the key that seals now.

        Raises:
            UnknownShape: the bytes are not a PDF of our own renderer.
            SealingPaused: no key may seal now, or it cannot be opened.
        """
        return self._now().prepare(draft)

    def seal(self, prepared: Prepared) -> bytes:
        """As `Sealer.seal`; a pause is reported with its cause, once."""
        try:
            sealed = self._sealer.seal(prepared)
        except SealingPaused as paused:
            self._note(paused)
            raise
        self._note(None)
        return sealed

    def covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        """As `Sealer.covers`, for seals of the held key."""
        return self._sealer.covers(sealed, covered_digest)

    def check(self) -> None:
        """Let the key that is really held sign once.

        Raises:
            KeysError: it may not, or cannot be reached.
            SealingPaused: no sealer can be made with it.
        """
        try:
            self._renew()
            self._held.sign_digest(PROBES.get(self._held.key.algorithm, PROBE))
        except (KeysError, CredentialError) as cause:
            self._note(cause)
            raise
        if self._cause == KeyUnavailable.kind:
            self._note(None)

    def _now(self) -> Sealer:
        try:
            return self._renew()
        except KeysError as cause:
            self._note(cause)
            raise SealingPaused(PAUSED) from cause

    def _renew(self) -> Sealer:
        with self._lock:
            signer = self._signer()
            if signer is not self._held:
                self._sealer, self._held = self._opening(signer), signer
            return self._sealer

    def _note(self, error: Exception | None) -> None:
        """Report a state that differs from the one before: by kind, never by its words."""
        kind = _kind_of(error) if error is not None else ""
        if kind == self._cause:
            return
        self._cause = kind
        event = "sealing-paused" if kind else "sealing-resumed"
        self._report.warning(event, check="key", kind=kind or "ok", key=self.key.kid)


def _kind_of(error: Exception) -> str:
    """What a pause comes from; behind any other error of ours stand a library's own words."""
    cause = error.__cause__ if isinstance(error, SealingPaused) else None
    root = cause or error
    return str(getattr(root, "kind", type(root).__name__))
