"""Everything of one instance that has to do with keys, opened when first asked for.

Which role may open what is decided here and nowhere else: a process of role `web` or
`verifier` gets published data only, whatever it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import structlog

from keys import hierarchy, publishing, revoking, states
from keys.admission import Admission, PublishedNow
from keys.authorities import RemoteAuthorities, RemoteAuthority
from keys.custody import Custody, SealSigner
from keys.errors import KeyRefused, KeyUnavailable, TimestampUnavailable
from keys.files import FileCustody, load_chain
from keys.pkcs11 import Token, TokenCustody, open_token
from keys.posting import TimestampPost
from keys.revocation import PublishedRevocation, RevocationService
from keys.revoking import RevocationIssuer
from keys.timestamps import Timestamper
from keys.trust import TrustList
from settings import AuthoritySettings, ProcessRole, Settings

KEYLESS = frozenset({ProcessRole.WEB, ProcessRole.VERIFIER})
ADDED_LATER = ("receipt", "webhook", "emrex")
"""Purposes that homes made by an earlier release have no key for yet."""


@dataclass(frozen=True)
class Keyring:
    """The keys of one instance, and what is published about them."""

    settings: Settings
    clock: Callable[[], datetime]
    _held: dict[str, tuple[tuple[int, int], SealSigner]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def folder(self) -> Path:
        """Private keys and certificates; only an issuing process opens them."""
        return self.settings.home / "keys"

    @property
    def public(self) -> Path:
        """What is published about the keys."""
        return self.settings.home / "trust"

    @cached_property
    def token(self) -> Token | None:
        """The hardware token, opened once for the whole process; none in development."""
        chosen = self.settings.token
        if chosen is None:
            return None
        return open_token(chosen.module, chosen.label, chosen.pin_file, sessions=chosen.sessions)

    @property
    def custody(self) -> Custody:
        """Where the private keys are.

        Raises:
            KeyRefused: this role opens no key, or production has no token.
        """
        if self.settings.role in KEYLESS:
            raise KeyRefused(
                "This role opens no key: start the signer with `echt serve --role signer`."
            )
        if self.token is not None:
            return TokenCustody(self.token)
        return FileCustody(self.folder, production=self.settings.production)

    def signer(self, purpose: str) -> SealSigner:
        """The key that signs for a purpose now; raises as `hierarchy.open_signer`."""
        return hierarchy.open_signer(
            self.folder,
            purpose,
            custody=self.custody,
            production=self.settings.production,
            clock=self.clock,
        )

    def current(self, purpose: str) -> SealSigner:
        """As `signer`, and the same object for as long as the key book offers the same key."""
        mark, held = states.mark(self.folder), self._held.get(purpose)
        if held is not None and held[0] == mark:
            return held[1]
        profile = hierarchy.profile_of(purpose)
        kid = states.load(self.folder).signing(profile.purpose, profile.algorithm).kid
        signer = held[1] if held is not None and held[1].key.kid == kid else self.signer(purpose)
        self._held[purpose] = (mark, signer)
        return signer

    @cached_property
    def timestamper(self) -> Timestamper:
        """The remote authorities; in development, without any, the embedded one."""
        if self._authorities:
            return self._remote(self._authorities)
        return hierarchy.open_timestamper(
            self.folder,
            clock=self.clock,
            custody=self.custody,
            production=self.settings.production,
        )

    @cached_property
    def archive_timestamper(self) -> Timestamper:
        """As `timestamper`, with the authorities in reversed order.

        A copy whose archive time-stamp comes from another authority than its seal's outlives
        the loss of either one's key.
        """
        if len(self._authorities) > 1:
            return self._remote(self._authorities[::-1])
        return self.timestamper

    @cached_property
    def _authorities(self) -> tuple[RemoteAuthority, ...]:
        """Each with those of its certificates that are published: readers know no others."""
        stated = map(_authority, self.settings.timestamp_authorities)
        return tuple(map(self._admission.published, stated))

    @cached_property
    def _admission(self) -> Admission:
        return Admission(PublishedNow(self.public, clock=self.clock))

    def _remote(self, authorities: Sequence[RemoteAuthority]) -> RemoteAuthorities:
        """Ask each authority once, so that the room for its tokens is measured (pdf.md 3.3)."""
        post = TimestampPost(plain_http=self.settings.timestamps_over_plain_http)
        remote = RemoteAuthorities(
            authorities, post, clock=self.clock, report=_report, vouched=self._admission
        )
        try:
            for failure in remote.trial():
                _authority_failed(failure)
        except TimestampUnavailable as none_works:  # downloads are queued until one does
            structlog.get_logger().warning(
                "no-authority-works", kind=none_works.kind, authority=none_works.reason
            )
        return remote

    @cached_property
    def revocation(self) -> RevocationIssuer:
        """Revocation lists and responses, signed when they are due."""
        return revoking.open_issuer(
            self.folder,
            self.public / "pki",
            clock=self.clock,
            custody=self.custody,
            production=self.settings.production,
        )

    @property
    def published_revocation(self) -> RevocationService:
        """What stands under /pki/: signed here, or by the signer where this role has no key."""
        if self.settings.role in KEYLESS:
            return PublishedRevocation(self.public / "pki", clock=self.clock)
        return self.revocation

    def seal_chains(self) -> list[tuple[bytes, ...]]:
        """Certificates of every key that ever sealed, own first."""
        book = states.load(self.folder)
        return [entry.certificates for entry in book.keys if entry.purpose == "seal"]

    def trust_list(self) -> TrustList:
        """What is published about the keys now.

        Raises:
            TrustListInvalid: it is not ours any more.
            KeyUnavailable: nothing is published.
        """
        listed = publishing.published(self.public, now=self.clock())
        if listed is None:
            raise KeyUnavailable("No trust list is published: run `echt keys publish`.")
        return listed

    def require(self, *, used: bool) -> None:
        """Make keys for a home that never had any, and renew the trust list in time.

        Keys that are gone are never replaced silently: what the old ones sealed would
        become foreign. `used` says that something was sealed here before.

        Raises:
            KeyUnavailable: this home had keys, and they are gone.
        """
        had_keys = used or (self.public / publishing.LIST).exists()
        if had_keys and not hierarchy.exists(self.folder):
            raise KeyUnavailable(
                "The keys of this instance are gone: restore them from the backup."
            )
        self.make()

    def make(self) -> None:
        """Make test keys where there are none and publish their trust list; what exists stays.

        With a token there are no test keys: a ceremony makes the hierarchy.
        """
        if not hierarchy.exists(self.folder) and self.settings.token is None:
            hierarchy.make(self.folder, now=self.clock(), production=self.settings.production)
        if self.settings.token is None and hierarchy.complete(
            self.folder, ADDED_LATER, now=self.clock()
        ):
            publishing.publish(
                self.folder, self.signer("trust"), now=self.clock(), into=self.public
            )
        publishing.publish_if_due(
            self.folder, self.signer("trust"), now=self.clock(), into=self.public
        )

    def close(self) -> None:
        """Give the token back."""
        token = self.__dict__.get("token")
        if token is not None:
            token.close()


def _report(host: str, reason: str) -> None:
    _authority_failed(f"{host}: {reason}")


def _authority_failed(what: str) -> None:
    """Which authority, and in our own words why: nothing of a document is in either."""
    structlog.get_logger().warning(
        "time-stamp-authority-failed", kind=TimestampUnavailable.kind, authority=what
    )


def _authority(chosen: AuthoritySettings) -> RemoteAuthority:
    return RemoteAuthority(chosen.url, load_chain(chosen.certificate_file), chosen.policy)
