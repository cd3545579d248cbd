"""The trust list as a reader needs it: proven once, then kept while it stays the same bytes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from keys import trust as trust_lists
from keys.errors import TrustListInvalid

if TYPE_CHECKING:
    from datetime import datetime

    from keys.trust import TrustList

KEPT = 4


class KeyLists:
    """Reads trust lists; the ones last seen are not proven again, for they cannot change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, TrustList] = OrderedDict()

    def read(self, data: bytes | None, now: datetime) -> tuple[TrustList | None, str]:
        """The list, or none and the reason why not. Time is judged anew on every call."""
        if data is None:
            return None, "no_trust_list"
        try:
            listed = self._proven(data, now)
        except TrustListInvalid:
            return None, "trust_list_invalid"
        if listed.issued_at > now + trust_lists.CLOCK_SKEW:
            return None, "trust_list_invalid"
        return (None, "trust_list_expired") if now >= listed.expires_at else (listed, "")

    def _proven(self, data: bytes, now: datetime) -> TrustList:
        """The same object for the same bytes.

        Raises:
            TrustListInvalid: not a list of ours.
        """
        name = hashlib.sha256(data).digest()
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        listed = replace(trust_lists.read(data, now=now), expired=False)
        self._kept[name] = listed
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return listed
