"""No document leaves with a time-stamp that its readers cannot check.

Readers know of an outside authority what the published trust list says. So an authority of
the settings is asked only while it stands there, with its policy, and for this moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from keys import publishing
from keys.authorities import RemoteAuthority
from keys.errors import KeyUnavailable, TimestampUnavailable
from keys.outside import OutsideAuthority
from keys.trust import Stamper, TrustList


class PublishedNow:
    """The trust list as it stands published now; read again whenever the file was replaced."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock
        self._mark: tuple[int, int] | None = None
        self._list: TrustList | None = None

    def __call__(self) -> TrustList:
        """Give the list.

        Raises:
            KeyUnavailable: nothing is published.
        """
        mark = self._looked()
        if self._list is None or mark != self._mark:
            self._list, self._mark = publishing.published(self._folder, now=self._clock()), mark
        if self._list is None:
            raise KeyUnavailable("No trust list is published: run `echt keys publish`.")
        return self._list

    def _looked(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / publishing.LIST).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


class Admission:
    """Which certificates of an authority are published, and which of them count at a moment."""

    def __init__(self, listed: Callable[[], TrustList]) -> None:
        self._listed = listed

    def published(self, authority: RemoteAuthority) -> RemoteAuthority:
        """The authority with those of its certificates that the list knows; none is allowed.

        Raises:
            KeyUnavailable: nothing is published.
        """
        known = _chains(self._entries(authority))
        kept = tuple(der for der in authority.certificates if der in known)
        return replace(authority, certificates=kept)

    def __call__(self, authority: RemoteAuthority, at: datetime) -> tuple[bytes, ...]:
        """Certificates by which a token of that moment is believed.

        Raises:
            TimestampUnavailable: not published, ended, or compromised: what to do is said.
            KeyUnavailable: nothing is published.
        """
        if not authority.certificates:
            raise TimestampUnavailable(
                "it is not on the published trust list, so nobody could check a document with its "
                "time-stamp: `echt keys authority add` or a ceremony, then restart"
            )
        listed = self._listed()
        good = _chains(one for one in self._entries(authority) if listed.trusts(one, at))
        usable = tuple(der for der in authority.certificates if der in good)
        if not usable:
            raise TimestampUnavailable("by the published trust list it does not count at present")
        return usable

    def _entries(self, authority: RemoteAuthority) -> Iterator[Stamper]:
        """A certificate that is listed under another policy is another authority."""
        for entry in self._listed().stampers():
            named = not isinstance(entry, OutsideAuthority) or entry.policy == authority.policy
            if named and entry.certificates[0] in authority.certificates:
                yield entry


def _chains(entries: Iterator[Stamper]) -> set[bytes]:
    return {der for entry in entries for der in entry.certificates}
