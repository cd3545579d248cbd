"""What the key folder knows about its keys: their names, their states, the last serial.

    announced ──30 days──► active ──► retired
        └──────────┴─────────┴──► compromised since T (and later only to an earlier T)

A key that begins to sign retires the one before it in the same step. The states are
data (`states.json`), so that a change is one replaced file.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from keys import durable, jws, roster, trust
from keys.errors import (
    CeremonyRefused,
    KeyUnavailable,
    StateRefused,
    TrustListInvalid,
    UnknownKey,
)
from keys.files import load_chain
from keys.roster import Approver, Held
from keys.trust import KeyEntry, KeyState

FILE = "states.json"
NOTICE = timedelta(days=30)
"""How long a key is announced before it signs, so that every cache knows it (platform.md 3.11)."""
HANDOVER = timedelta(days=1)
"""How long a key that was replaced may still sign: the day in which issuing processes restart.

Without it, a document sealed in the second of the switch would not be genuine.
"""


@dataclass(frozen=True, slots=True)
class KeyBook:
    """All published keys of one hierarchy, retired ones included."""

    issuer: str
    serial: int
    """Of the last trust list that was published; 0 before the first."""
    keys: tuple[KeyEntry, ...]
    approvers: tuple[Approver, ...] = ()
    """Who may approve a ceremony. Where there are any, only a ceremony changes this book."""
    ceremonies: tuple[Held, ...] = ()
    """In the order in which they were held."""

    def key(self, kid: str) -> KeyEntry:
        """Find a key by its name.

        Raises:
            UnknownKey: this hierarchy has no such key.
        """
        for entry in self.keys:
            if entry.kid == kid:
                return entry
        raise UnknownKey("There is no key of that name: see `echt keys list`.")

    def signing(self, purpose: str, algorithm: str) -> KeyEntry:
        """The key that signs for a purpose now: the newest active one.

        Raises:
            KeyUnavailable: no key of that purpose is active.
        """
        found = [one for one in self.keys if _serves(one, purpose, algorithm)]
        if not found:
            raise KeyUnavailable(
                f"No active key for {purpose} ({algorithm}): activate an announced one."
            )
        return max(found, key=lambda one: one.since)

    def refuse_without_ceremony(self) -> None:
        """One person's command must not go round the two whom a ceremony takes.

        Raises:
            CeremonyRefused: this hierarchy has approvers.
        """
        if self.approvers:
            raise CeremonyRefused(
                "This hierarchy is changed by ceremony only: write a plan, have two approvers "
                "sign it (`echt keys approve`), and hold it (`echt keys ceremony`)."
            )

    def with_entry(self, entry: KeyEntry) -> KeyBook:
        """Put a key in the place of the one with the same name, or at the end."""
        others = [one for one in self.keys if one.kid != entry.kid]
        position = next((i for i, one in enumerate(self.keys) if one.kid == entry.kid), len(others))
        return replace(self, keys=(*others[:position], entry, *others[position:]))


def changed(book: KeyBook, kid: str, state: KeyState, at: datetime) -> KeyBook:
    """Move a key to a state as of a moment.

    Raises:
        UnknownKey: this hierarchy has no such key.
        StateRefused: the life of a key does not go that way.
    """
    entry = book.key(kid)
    match (entry.state, state):
        case (KeyState.ANNOUNCED, KeyState.ACTIVE):
            _check_notice(book, entry, at)
            return _switched(book, entry, at)
        case (KeyState.ACTIVE | KeyState.RETIRED, KeyState.RETIRED) if _ends_earlier(entry, at):
            return book.with_entry(replace(entry, state=state, until=at))
        case (_, KeyState.COMPROMISED) if _is_news(entry, at):
            return book.with_entry(replace(entry, state=state, compromised_since=at))
        case _:
            raise StateRefused(f"A key that is {entry.state} cannot become {state} as of then.")


def load(folder: Path) -> KeyBook:
    """Read the states and the certificates they belong to.

    Raises:
        KeyUnavailable: no hierarchy here, or one of its files is damaged.
    """
    try:
        return _parse(folder, (folder / FILE).read_bytes())
    except OSError as cause:
        raise KeyUnavailable(
            f"The key folder has no readable {FILE} ({cause.strerror}): run `echt keys init`, "
            "or restore the folder from its backup."
        ) from cause
    except (TrustListInvalid, KeyError, TypeError, ValueError) as cause:
        raise KeyUnavailable(
            f"{FILE} is damaged: restore the key folder from its backup."
        ) from cause


def mark(folder: Path) -> tuple[int, int]:
    """Changes whenever the book does, because the book is always a new file.

    Raises:
        KeyUnavailable: the folder cannot be read.
    """
    try:
        found = os.stat(f"{folder}/{FILE}")  # noqa: PTH116 - before every signature: it is fast
    except OSError as cause:
        raise KeyUnavailable(f"The key folder cannot be read ({cause.strerror}).") from cause
    return found.st_ino, found.st_mtime_ns


def encoded(book: KeyBook) -> bytes:
    """Write the states as JSON; certificates stay in their own files."""
    members = [trust.member_of(entry) for entry in book.keys]
    keys = [{k: v for k, v in member.items() if k != "certificates"} for member in members]
    content = {
        "version": 1,
        "issuer": book.issuer,
        "serial": book.serial,
        "keys": keys,
        "approvers": [roster.member_of(one) for one in book.approvers],
        "ceremonies": [roster.member_of(one) for one in book.ceremonies],
    }
    return (json.dumps(content, indent=1) + "\n").encode()


def save(folder: Path, book: KeyBook) -> None:
    """Put new states in the place of the old in one step.

    Raises:
        KeyUnavailable: the folder cannot be written; the old states stand.
    """
    try:
        durable.replace(folder / FILE, encoded(book), mode=durable.PRIVATE)
    except OSError as cause:
        raise KeyUnavailable(f"The key folder cannot be written ({cause.strerror}).") from cause


def _parse(folder: Path, data: bytes) -> KeyBook:
    content = jws.parse(data)
    members, serial = content["keys"], content["serial"]
    if not isinstance(members, list) or type(serial) is not int:
        raise TrustListInvalid("not the states of keys")
    return KeyBook(
        jws.text(content["issuer"]),
        serial,
        tuple(_entry(folder, dict(member)) for member in members),
        tuple(roster.approver_of(one) for one in _objects(content.get("approvers"))),
        tuple(roster.held_of(one) for one in _objects(content.get("ceremonies"))),
    )


def _objects(value: object) -> list[dict[str, object]]:
    """A list that older folders do not have."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise TrustListInvalid("not a list of objects")
    return value


def _entry(folder: Path, member: dict[str, object]) -> KeyEntry:
    name = jws.text(member["kid"])
    if Path(name).name != name:
        raise TrustListInvalid("the name of a key is not the name of a file")
    chain = load_chain(folder / f"{name}.pem")
    return trust.entry_of(member | {"certificates": [base64.b64encode(c).decode() for c in chain]})


def _serves(entry: KeyEntry, purpose: str, algorithm: str) -> bool:
    wanted = (KeyState.ACTIVE, purpose, algorithm)
    return (entry.state, entry.purpose, entry.algorithm) == wanted


def _switched(book: KeyBook, entry: KeyEntry, at: datetime) -> KeyBook:
    """The new key signs from now on; whatever it replaces has the hand-over to finish."""
    for older in book.keys:
        if _serves(older, entry.purpose, entry.algorithm):
            retired = replace(older, state=KeyState.RETIRED, until=at + HANDOVER)
            book = book.with_entry(retired)
    return book.with_entry(replace(entry, state=KeyState.ACTIVE, since=at))


def _ends_earlier(entry: KeyEntry, at: datetime) -> bool:
    return at >= entry.since and (entry.until is None or at < entry.until)


def _check_notice(book: KeyBook, entry: KeyEntry, at: datetime) -> None:
    """The last key of its kind may be replaced at once: after a loss nobody can wait."""
    alternatives = any(_serves(one, entry.purpose, entry.algorithm) for one in book.keys)
    if at < entry.since or (alternatives and at < entry.since + NOTICE):
        raise StateRefused(f"A key is announced {NOTICE.days} days before it signs.")


def _is_news(entry: KeyEntry, at: datetime) -> bool:
    return entry.compromised_since is None or at < entry.compromised_since
