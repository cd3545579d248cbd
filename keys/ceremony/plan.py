"""The plan of a ceremony: what two people approve, byte for byte, and what is then done.

    kind         does
    hierarchy    root, authority, the first keys, and who may approve from now on
    announce     makes new keys, which do not sign yet
    switch       announced keys begin to sign; those they replace retire
    retire       keys stop without a successor
    compromise   keys were somebody else's as well since a moment; optionally new ones at once
    lists        the authorities sign their revocation lists anew
    roster       other people approve from now on
    authority    an outside time-stamp authority goes on the trust list, for ever
    authority-end, authority-compromise
                 its time-stamps do not count from a moment on

A plan names every key by its full name, so approving it leaves nothing to choose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from keys.ceremony import outside_acts
from keys.ceremony.fields import Fields, document
from keys.ceremony.outside_acts import OutsideAct
from keys.certificates import PROFILES, Names
from keys.errors import CeremonyInvalid
from keys.roster import ID, Approver, problem_of, public_key

FILE, TOKEN = "file", "token"
CEREMONY_NAME = r"[a-z0-9][a-z0-9-]{2,59}"
KID = r"[a-z0-9][a-z0-9-]{3,79}"
TITLE = r"\w[\w .,&'/()-]{0,63}"
PATH = r"[^\x00-\x1f]{1,200}"
URL = r"http://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._-]+)*"
MAX_LIST_DAYS = 400


@dataclass(frozen=True, slots=True)
class NewKeys:
    """Keys to make: for which purpose, in which custody, for how many years."""

    custody: Mapping[str, str]
    """`file` or `token`, by purpose."""
    years: int
    pki: str
    """Where the certificates say that revocation is published."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A whole new hierarchy, and the people who approve from now on."""

    output: str
    """Folder to make, beside the plan: `keys` for the service, `authority` for the safe."""
    names: Names
    keys: NewKeys
    approvers: tuple[Approver, ...]
    list_days: int


@dataclass(frozen=True, slots=True)
class Announce:
    """New keys that do not sign yet."""

    authority: str
    """Folder with the authority's key, beside the plan."""
    keys: NewKeys


@dataclass(frozen=True, slots=True)
class Switch:
    """Announced keys begin to sign, and replace the ones before them."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retire:
    """Keys stop signing without a successor."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compromise:
    """Keys that somebody else may have had since a moment."""

    keys: tuple[str, ...]
    since: datetime
    authority: str = ""
    """With it the revocation lists are signed anew, and keys can be replaced."""
    replace: NewKeys | None = None
    """New keys that sign at once: after a loss nobody can wait."""
    list_days: int = 0


@dataclass(frozen=True, slots=True)
class Lists:
    """New revocation lists of root and authority."""

    authority: str
    list_days: int


@dataclass(frozen=True, slots=True)
class Roster:
    """Other people approve from now on."""

    approvers: tuple[Approver, ...]


Act = Hierarchy | Announce | Switch | Retire | Compromise | Lists | Roster | OutsideAct


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that was understood; whether it is approved is another question."""

    name: str
    day: date
    """The one day (UTC) on which it may be held."""
    kind: str
    act: Act
    source: bytes
    """The exact bytes that were approved."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the exact bytes, as hex."""
        return hashlib.sha256(self.source).hexdigest()


def read_plan(source: bytes) -> Plan:
    """Understand a plan whole, or not at all.

    Raises:
        CeremonyInvalid: which line, and what belongs there.
    """
    fields = document(source)
    name = fields.text("ceremony", CEREMONY_NAME, "a name of small letters, digits and hyphens")
    day = fields.day("date")
    kind = fields.one_of("kind", *_ACTS)
    act = _ACTS[kind](fields)
    fields.refuse_rest()
    return Plan(name, day, kind, act, source)


def _hierarchy(fields: Fields) -> Act:
    names, years = fields.fields("names"), fields.fields("years")
    country = names.text("country", "[A-Z]{2}", "two capital letters (ISO 3166-1)")
    organisation, root, ca = (
        names.text(one, TITLE, "a name") for one in ("organisation", "root", "ca")
    )
    lives = years.whole("root", 1, 30), years.whole("ca", 1, 20)
    act = Hierarchy(
        output=fields.text("output", PATH, "a folder that does not exist yet"),
        names=Names(country, organisation, root, ca, *lives),
        keys=_new_keys(fields, years.whole("keys", 1, 10), complete=True),
        approvers=_approvers(fields),
        list_days=_list_days(fields),
    )
    names.refuse_rest()
    years.refuse_rest()
    return act


def _announce(fields: Fields) -> Act:
    return Announce(_authority(fields), _new_keys(fields, fields.whole("years", 1, 10)))


def _compromise(fields: Fields) -> Act:
    keys, since = _kids(fields), fields.moment("since")
    if not fields.has("authority"):
        return Compromise(keys, since)
    authority, days = _authority(fields), _list_days(fields)
    if not fields.has("replace"):
        return Compromise(keys, since, authority, list_days=days)
    new = fields.fields("replace")
    made = _new_keys(new, new.whole("years", 1, 10))
    new.refuse_rest()
    return Compromise(keys, since, authority, made, days)


def _new_keys(fields: Fields, years: int, *, complete: bool = False) -> NewKeys:
    """`complete` for a hierarchy, which nobody can use without a trust key."""
    pki = fields.text("pki", URL, "an address such as http://diploma.example/pki")
    chosen = fields.fields("custody")
    purposes = chosen.names()
    if not purposes or (complete and "trust" not in purposes):
        raise fields.wrong("custody", "a custody for each key, the trust key among them")
    for purpose in purposes:
        if purpose not in PROFILES:
            raise chosen.wrong(purpose, f"for one of {', '.join(PROFILES)}")
    return NewKeys({one: chosen.one_of(one, FILE, TOKEN) for one in purposes}, years, pki)


def _approvers(fields: Fields) -> tuple[Approver, ...]:
    approvers = tuple(_approver(one) for one in fields.many("approvers"))
    problem = problem_of(approvers)
    if problem:
        raise CeremonyInvalid(f"Under approvers: {problem}.")
    return approvers


def _approver(fields: Fields) -> Approver:
    approver = Approver(
        fields.text("id", ID.pattern, "a short name of small letters, digits and hyphens"),
        fields.text("name", TITLE, "a person's name"),
        fields.text("role", TITLE, "what that person is"),
        fields.text("key", r"[A-Za-z0-9+/=\s-]{1,1000}", "a public key in PEM (`key: |`)"),
    )
    fields.refuse_rest()
    try:
        public_key(approver.key)
    except ValueError as cause:
        raise fields.wrong("key", f"a public key in PEM, P-256 or Ed25519: {cause}") from cause
    return approver


def _authority(fields: Fields) -> str:
    return fields.text("authority", PATH, "the folder with the authority's key")


def _kids(fields: Fields) -> tuple[str, ...]:
    return fields.texts("keys", KID, "names of keys, as `echt keys list` shows them")


def _list_days(fields: Fields) -> int:
    return fields.whole("lists-valid-days", 1, MAX_LIST_DAYS)


_ACTS: dict[str, Callable[[Fields], Act]] = {
    "hierarchy": _hierarchy,
    "announce": _announce,
    "switch": lambda fields: Switch(_kids(fields)),
    "retire": lambda fields: Retire(_kids(fields)),
    "compromise": _compromise,
    "lists": lambda fields: Lists(_authority(fields), _list_days(fields)),
    "roster": lambda fields: Roster(_approvers(fields)),
    "authority": outside_acts.read_add,
    "authority-end": outside_acts.read_end,
    "authority-compromise": outside_acts.read_loss,
}
