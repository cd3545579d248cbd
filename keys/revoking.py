"""Signing revocation data: what the key book says becomes lists and OCSP responses.

A key that is `compromised` in the book is revoked as of that moment; every other one
is good. Whatever changes the book is published at the next question, and otherwise
everything is signed anew when half of its life is over.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from keys import durable, hierarchy, moments, ocsp, states
from keys.certificates import whole_seconds
from keys.crl import serial_of
from keys.custody import Custody, SealSigner
from keys.errors import KeysError, KeyUnavailable, RevocationUnavailable
from keys.files import FileCustody, load_chain
from keys.list_publishing import PublishedList
from keys.ocsp import Answers, CertificateId, Malformed, Question, Status
from keys.revocation import (
    CA_LIST,
    CERTIFICATES,
    LOOK,
    MARK,
    ROOT_LIST,
    PublishedRevocation,
    RevocationData,
    response_name,
)
from keys.signed_objects import Authority

RESPONSE_LIFE = timedelta(days=1)
CA_LIST_LIFE = timedelta(days=7)
ROOT_LIST_LIFE = timedelta(days=180)
"""Long: a root's key lies in a safe."""


@dataclass(frozen=True, slots=True)
class Signers:
    """Who signs revocation data. Authorities may be away; their lists then come from a ceremony."""

    responder: Callable[[], SealSigner]
    """Opens the responder's key of the day; asked again whenever the key book changed."""
    ca: SealSigner | None = None
    root: SealSigner | None = None


class RevocationIssuer:
    """Keeps a folder of revocation data fresh and answers from it. Safe for threads and processes.

    `keys` is the key folder, `into` the folder to publish in.

    Raises:
        KeyUnavailable: the key folder has no readable `ca.pem`.
    """

    def __init__(
        self, keys: Path, into: Path, signers: Signers, *, clock: Callable[[], datetime]
    ) -> None:
        self._keys = keys
        self._into = into
        self._clock = clock
        self._open_responder = signers.responder
        self._responder = Authority(signers.responder())
        self._ca, root = load_chain(keys / "ca.pem")[:2]
        self._certificates = dict(zip(CERTIFICATES, (root, self._ca), strict=True))
        self._root_list = PublishedList(ROOT_LIST, root, ROOT_LIST_LIFE, into, keys, signers.root)
        self._ca_list = PublishedList(CA_LIST, self._ca, CA_LIST_LIFE, into, keys, signers.ca)
        self._published = PublishedRevocation(into, clock=clock)
        self._lock = threading.Lock()
        self._marked = [keys / name for name in (states.FILE, ROOT_LIST, CA_LIST)]
        self._known: Mapping[int, Status] | None = None
        self._done = _Done((), clock())
        self._look_at = time.monotonic()

    def data_for(self, chain: tuple[bytes, ...]) -> RevocationData:
        """What proves the state of a chain now; see `RevocationSource`."""
        self._glance()
        return self._published.data_for(chain)

    def file(self, name: str) -> bytes:
        """A list or an authority's certificate; see `RevocationService`."""
        self._glance()
        return self._published.file(name)

    def respond(self, request: bytes) -> bytes:
        """Answer an OCSPRequest (RFC 6960): from the folder, or signed now for a nonce."""
        try:
            asked = ocsp.read_request(request)
            with contextlib.suppress(RevocationUnavailable):  # an old list hinders no response
                self._glance()
            return self._answer(asked)
        except Malformed:
            return ocsp.MALFORMED
        except KeysError:
            return ocsp.TRY_LATER

    def refresh(self) -> None:
        """Publish what is due; nothing happens while everything is fresh.

        Every question does this by itself, but looks at the key book once in `LOOK` seconds.

        Raises:
            RevocationUnavailable: the folder cannot be written, or a list from a ceremony ran out.
            KeyUnavailable: custody cannot reach a key now, or the key folder is damaged.
        """
        with self._lock:
            if not self._is_fresh():
                self._publish_if_due()
                self._published.look()
            self._look_at = time.monotonic() + LOOK

    def _glance(self) -> None:
        if time.monotonic() >= self._look_at or self._clock() >= self._done.until:
            self.refresh()

    def _is_fresh(self) -> bool:
        same = self._done.marks == self._marks() and (self._into / MARK).exists()
        return same and self._clock() < self._done.until

    def _marks(self) -> tuple[int, ...]:
        """Changes when the key book or a list from a ceremony does: each is one replaced file."""
        return tuple([_changed_at(path) for path in self._marked])

    def _publish_if_due(self) -> None:
        if self._marks() != self._done.marks:
            self._responder = Authority(self._open_responder())
        self._known = self._statuses()  # for answers, also when publishing fails
        try:
            self._into.mkdir(parents=True, exist_ok=True)
            with durable.alone(self._into):  # another process may just have done it
                self._done = self._publish_alone()
        except OSError as cause:
            raise RevocationUnavailable(
                f"Revocation data cannot be written ({cause.strerror})."
            ) from cause

    def _publish_alone(self) -> _Done:
        """The key book is read under the lock: an older state never replaces a newer one."""
        marks, now, wanted = self._marks(), whole_seconds(self._clock()), self._statuses()
        moments = (
            self._renew_responses(wanted, now),
            self._root_list.renew({}, now),
            self._ca_list.renew(_revoked(wanted), now),
        )
        return _Done(marks, min(moments))

    def _statuses(self) -> dict[int, Status]:
        """The state of every certificate that our authority issued, by serial."""
        issued = [
            one for one in states.load(self._keys).keys if one.certificates[1:2] == (self._ca,)
        ]
        return {serial_of(one.certificates[0]): Status(one.compromised_since) for one in issued}

    def _renew_responses(self, wanted: Mapping[int, Status], now: datetime) -> datetime:
        """Sign every response anew if one is due; the mark goes last and tells readers to look."""
        made_at, said = _read_mark(self._into / MARK)
        if said == _written(wanted) and now < made_at + RESPONSE_LIFE / 2:
            return made_at + RESPONSE_LIFE / 2
        for name, der in self._certificates.items():
            self._write(name, der)
        for serial, status in wanted.items():
            for kind in ocsp.HASHES:
                asked = CertificateId.of(serial, self._ca, kind)
                data = self._signed(((asked, status),), now)
                self._write(response_name(serial, kind), data)
        mark = {"at": moments.written(now), "revoked": _written(wanted)}
        self._write(MARK, json.dumps(mark, indent=1).encode())
        return now + RESPONSE_LIFE / 2

    def _answer(self, asked: Question) -> bytes:
        ids = asked.certificates
        if asked.nonce is None and len(ids) == 1:
            with contextlib.suppress(RevocationUnavailable):
                if stored := self._published.response(ids[0]):
                    return stored
        if not all(one.is_issued_by(self._ca) for one in ids):
            return ocsp.UNAUTHORIZED
        known = self._statuses() if self._known is None else self._known
        statuses = tuple((one, known.get(one.serial, Status(known=False))) for one in ids)
        return self._signed(statuses, whole_seconds(self._clock()), asked.nonce)

    def _signed(
        self,
        statuses: tuple[tuple[CertificateId, Status], ...],
        now: datetime,
        nonce: bytes | None = None,
    ) -> bytes:
        answers = Answers(statuses, now, now + RESPONSE_LIFE, nonce)
        return ocsp.write_response(self._responder, answers)

    def _write(self, name: str, data: bytes) -> None:
        durable.replace(self._into / name, data, mode=durable.PUBLIC)


def open_issuer(
    keys: Path,
    into: Path,
    *,
    clock: Callable[[], datetime],
    custody: Custody | None = None,
    production: bool = False,
) -> RevocationIssuer:
    """Open the keys that sign revocation data; an authority whose key is not there is in its safe.

    Raises:
        KeyRefused: the process runs in production and no custody was given.
        KeyUnavailable: the responder's key cannot be used.
    """
    held = custody or FileCustody(keys, production=production)

    def responder() -> SealSigner:
        return hierarchy.open_signer(keys, "ocsp", custody=held, production=production, clock=clock)

    signers = Signers(responder, _held(held, keys, "ca"), _held(held, keys, "root"))
    return RevocationIssuer(keys, into, signers, clock=clock)


@dataclass(frozen=True, slots=True)
class _Done:
    """What was last published, and when to look again."""

    marks: tuple[int, ...]
    until: datetime


def _held(custody: Custody, keys: Path, name: str) -> SealSigner | None:
    try:
        return custody.signer(name, keys / f"{name}.pem")
    except KeyUnavailable:
        return None


def _revoked(wanted: Mapping[int, Status]) -> dict[int, datetime]:
    states_ = wanted.items()
    return {serial: one.revoked_since for serial, one in states_ if one.revoked_since is not None}


def _written(wanted: Mapping[int, Status]) -> dict[str, str | None]:
    """Statuses as the mark has them: every serial, with the moment of a revocation."""
    return {
        f"{serial:x}": moments.written(one.revoked_since) if one.revoked_since else None
        for serial, one in wanted.items()
    }


def _read_mark(path: Path) -> tuple[datetime, object]:
    """When the responses were signed and what they say; long ago and nothing if there are none."""
    try:
        mark = json.loads(path.read_bytes())
        made_at = moments.parse(mark["at"])
        return made_at, mark["revoked"]
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return datetime.fromtimestamp(0, UTC), None


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
