"""Proving a key book from its ceremonies: nothing in it that two people did not approve.

Whoever can write to the key folder can write anything into `states.json`, but cannot make
approvals. So the book is built again from the transcripts, from the first ceremony on, by
the roster as it stood each time, and compared. Where it begins only people can vouch for:
the SHA-256 of the first transcript stands in their minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from keys import hierarchy, outside, outside_book, states, trust
from keys.ceremony import outside_acts
from keys.ceremony.holding import TRANSCRIPT, outcome_of, read_file
from keys.ceremony.outside_acts import AddAuthority, EndAuthority, LoseAuthority, OutsideAct
from keys.ceremony.plan import Act, Announce, Compromise, Hierarchy, NewKeys, Retire, Roster, Switch
from keys.ceremony.transcript import Transcript, key_member, read_transcript
from keys.certificates import PROFILES
from keys.errors import StateRefused, TranscriptInvalid, TrustListInvalid, UnknownKey
from keys.outside import OutsideAuthority
from keys.roster import Approver
from keys.states import KeyBook
from keys.trust import KeyEntry, KeyState


@dataclass(frozen=True, slots=True)
class Proven:
    """One ceremony of the book, judged."""

    transcript: Transcript
    keys: tuple[KeyEntry, ...]
    """Every key as the ceremony left it."""


def audit(folder: Path) -> tuple[Proven, ...]:
    """Build the key book again from its ceremonies, and compare.

    Raises:
        TranscriptInvalid: the ceremony at which the book stops being proven, and why.
        KeyUnavailable: the folder cannot be read.
    """
    book, root = states.load(folder), hierarchy.root_of(folder)
    proven = tuple(_proven(folder, book, root))
    if not proven:
        raise TranscriptInvalid("No ceremony made this hierarchy: there is nothing to prove it by.")
    if proven[-1].keys != book.keys:
        raise TranscriptInvalid("The key book says other things than the last ceremony.")
    if _authorities(proven) != outside_book.load(folder):
        raise TranscriptInvalid("The outside authorities are not those that ceremonies stated.")
    return proven


def _authorities(proven: tuple[Proven, ...]) -> tuple[OutsideAuthority, ...]:
    """Every outside authority, from the plans alone: they hold the certificates."""
    known: tuple[OutsideAuthority, ...] = ()
    for one in proven:
        act = one.transcript.plan.act
        if isinstance(act, AddAuthority | EndAuthority | LoseAuthority):
            known = _stated(known, act, one.transcript.plan.name)
    return known


def _stated(
    known: tuple[OutsideAuthority, ...], act: OutsideAct, name: str
) -> tuple[OutsideAuthority, ...]:
    try:
        return outside.with_word(known, outside_acts.word(known, act))
    except (StateRefused, UnknownKey) as cause:
        raise TranscriptInvalid(f"{name} did what cannot be done.") from cause


def _proven(folder: Path, book: KeyBook, root: bytes) -> Iterator[Proven]:
    roster: tuple[Approver, ...] = ()
    keys: tuple[KeyEntry, ...] = ()
    for held in book.ceremonies:
        data = read_file(outcome_of(folder, held.name) / TRANSCRIPT)
        transcript = read_transcript(data, pinned_root=root)
        act = transcript.plan.act
        if isinstance(act, Hierarchy) == bool(keys) or transcript.sha256 != held.transcript_sha256:
            raise TranscriptInvalid(f"{held.name} is not the ceremony that the key book names.")
        roster = act.approvers if isinstance(act, Hierarchy) else roster
        if not set(transcript.approvers) <= set(roster):
            raise TranscriptInvalid(f"{held.name} was approved by somebody not on the roster then.")
        keys = _after(keys, transcript, book)
        roster = act.approvers if isinstance(act, Roster) else roster
        yield Proven(transcript, keys)
    if roster != book.approvers:
        raise TranscriptInvalid("The key book has another roster than the ceremonies gave it.")


def _after(
    keys: tuple[KeyEntry, ...], transcript: Transcript, book: KeyBook
) -> tuple[KeyEntry, ...]:
    """The keys after a ceremony: those that its plan allows, and its transcript states."""
    name, act = transcript.plan.name, transcript.plan.act
    stated: Any = transcript.payload["keys"]
    fresh = stated[len(keys) :]
    try:
        changed = _changed(KeyBook("", 0, keys), act, transcript.held_at).keys
        made = tuple(_made(member, book) for member in fresh)
    except (StateRefused, UnknownKey, TrustListInvalid, KeyError) as cause:
        raise TranscriptInvalid(f"{name} did what its plan does not allow.") from cause
    _require_planned(made, transcript)
    after = (*changed, *made)
    if [key_member(one) for one in after] != stated:
        raise TranscriptInvalid(f"{name} did what its plan does not say.")
    return after


def _changed(book: KeyBook, act: Act, at: datetime) -> KeyBook:
    match act:
        case Switch(keys):
            for kid in keys:
                book = states.changed(book, kid, KeyState.ACTIVE, at)
        case Retire(keys):
            for kid in keys:
                book = states.changed(book, kid, KeyState.RETIRED, at)
        case Compromise(keys, since):
            for kid in keys:
                book = states.changed(book, kid, KeyState.COMPROMISED, since)
        case _:
            pass
    return book


def _made(member: dict[str, Any], book: KeyBook) -> KeyEntry:
    """A key as it was when it was made; its certificates are the ones that it has today."""
    today = book.key(member["kid"])
    stated = {k: v for k, v in member.items() if k != "certificateSha256"}
    written = trust.member_of(today)
    return trust.entry_of(stated | {"certificates": written["certificates"]})


def _require_planned(made: tuple[KeyEntry, ...], transcript: Transcript) -> None:
    """New keys are those of the plan, in its state, and begin with the ceremony."""
    purposes, state = _new_keys(transcript.plan.act)
    planned = [(PROFILES[one].purpose, PROFILES[one].algorithm) for one in purposes]
    bare = [
        KeyEntry(one.kid, *kind, one.certificates, state, transcript.held_at)
        for one, kind in zip(made, planned, strict=False)
    ]
    if len(made) != len(planned) or list(made) != bare:
        raise TranscriptInvalid(f"{transcript.plan.name} made other keys than its plan says.")


def _new_keys(act: Act) -> tuple[tuple[str, ...], KeyState]:
    match act:
        case Announce(keys=NewKeys(custody)):
            return tuple(custody), KeyState.ANNOUNCED
        case Hierarchy(keys=NewKeys(custody)) | Compromise(replace=NewKeys(custody)):
            return tuple(custody), KeyState.ACTIVE
        case _:
            return (), KeyState.ACTIVE
