"""Watches what the registries say of us: whoever changes our entry could sign in our name.

Clients verify with the certificate in the registry. If it is not the one that we sign with,
every document of ours is refused abroad; if it is somebody else's, theirs are taken for ours.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from cryptography import x509

from emrex.registry.entry import Entry
from emrex.registry.pulling import Listed
from emrex.registry.reading import Provider

NOTICE = timedelta(days=30)
"""How long before the end of a certificate the next one should be there."""


class Fault(enum.StrEnum):
    """What is wrong with our entry, the worst first."""

    UNKNOWN_CERTIFICATE = "unknown-certificate"
    """It has a certificate that never was ours."""
    OTHER_CERTIFICATE = "other-certificate"
    """It has not the one that we sign with."""
    OTHER_ADDRESS = "other-address"
    """It sends clients elsewhere."""
    NOT_LISTED = "not-listed"
    NEXT_NOT_LISTED = "next-certificate-not-listed"
    NO_NEXT = "no-next-certificate"
    """Ours ends soon, and none is announced that follows it."""


@dataclass(frozen=True, slots=True)
class Own:
    """What we say of ourselves."""

    entry: Entry
    retired: tuple[bytes, ...] = ()
    """Certificates of ours that sign no more; an entry may still have them."""


def faults(own: Own, listed: Listed, now: datetime) -> tuple[Fault, ...]:
    """Everything that differs between what we say and what one registry says of us."""
    entry = own.entry
    ours = {*entry.certificates, *own.retired}
    found = [one for one in listed.providers if one.url == entry.url or ours & {*one.certificates}]
    if not found:
        return (Fault.NOT_LISTED, *_ending(entry, now))
    present = {one for provider in found for one in provider.certificates}
    current, *following = entry.certificates
    wrong = {
        Fault.UNKNOWN_CERTIFICATE: bool(present - ours),
        Fault.OTHER_CERTIFICATE: current not in present,
        Fault.OTHER_ADDRESS: _leads_elsewhere(found, entry.url),
        Fault.NEXT_NOT_LISTED: listed.is_catalogue and not present.issuperset(following),
    }
    return (*(fault for fault, holds in wrong.items() if holds), *_ending(entry, now))


def _leads_elsewhere(found: Sequence[Provider], url: str) -> bool:
    return any(one.url != url for one in found)


def _ending(entry: Entry, now: datetime) -> tuple[Fault, ...]:
    if len(entry.certificates) > 1:
        return ()
    ends = x509.load_der_x509_certificate(entry.certificates[0]).not_valid_after_utc
    return (Fault.NO_NEXT,) if ends - now < NOTICE else ()


class Watch:
    """Compares after every pull, and raises the alarm once for each new fault."""

    def __init__(
        self,
        listed: Callable[[], Sequence[Listed]],
        own: Callable[[], Own],
        clock: Callable[[], datetime],
    ) -> None:
        self._listed = listed
        self._own = own
        self._clock = clock
        self._known: Mapping[str, tuple[Fault, ...]] = {}

    def look(self) -> None:
        """Compare now.

        Raises:
            KeysError: what we sign with cannot be told now.
        """
        own, now = self._own(), self._clock()
        found: dict[str, tuple[Fault, ...]] = {}
        for one in self._listed():
            found[one.address] = faults(own, one, now)
            _tell(one.host, self._known.get(one.address, ()), found[one.address])
        self._known = found

    @property
    def warning(self) -> str:
        """The worst of what is wrong; empty where our entries are as they should be."""
        worst = [fault for fault in Fault if any(fault in found for found in self._known.values())]
        return worst[0].value if worst else ""


def _tell(host: str, before: tuple[Fault, ...], now: tuple[Fault, ...]) -> None:
    log = structlog.get_logger()
    for fault in now:
        if fault not in before:
            log.error("registry-entry-differs", authority=host, kind=fault.value)
    if before and not now:
        log.info("registry-entry-agrees", authority=host)
