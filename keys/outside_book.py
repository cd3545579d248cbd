"""Outside authorities in the key folder: one file for each word about one, none ever removed.

`authorities/0001.json`, `0002.json` and so on, each an authority as the trust list writes it.
A later file about the same name replaces what the earlier said, and may only add an end to it.
They stand beside the key book, not in it: `echt keys audit` proves each by its ceremony.
"""

from __future__ import annotations

import json
from pathlib import Path

from keys import durable, jws, outside
from keys.amending import amended
from keys.errors import KeyUnavailable, StateRefused, TrustListInvalid, UnknownKey
from keys.outside import OutsideAuthority

FOLDER = "authorities"
_Known = tuple[OutsideAuthority, ...]


def load(folder: Path, draft: Path | None = None) -> _Known:
    """Read what a key folder, and the draft of a change to it, say about outside authorities.

    Raises:
        KeyUnavailable: a file is missing from the row, or damaged.
    """
    try:
        known: _Known = ()
        for path in _complete(_files(folder, draft)):
            known = outside.with_word(known, outside.authority_of(jws.parse(path.read_bytes())))
    except (OSError, TrustListInvalid, StateRefused) as cause:
        raise KeyUnavailable(
            f"The folder {FOLDER} beside the key book is damaged: restore it from its backup."
        ) from cause
    return known


def write(folder: Path, draft: Path, authority: OutsideAuthority) -> _Known:
    """Put one more word about an authority into the draft of a change; gives all as they are then.

    Raises:
        StateRefused: it takes something back that was said before.
        KeyUnavailable: what stands there already is damaged.
    """
    known = outside.with_word(load(folder, draft), authority)
    place = draft / FOLDER
    place.mkdir(mode=durable.OWNER_ONLY, exist_ok=True)
    name = _name(len(_files(folder, draft)) + 1)
    data = json.dumps(outside.member_of(authority), indent=1).encode() + b"\n"
    durable.create(place / name, data, mode=durable.PRIVATE)
    return known


def named(known: _Known, name: str) -> OutsideAuthority:
    """Find the authority of exactly this name.

    Raises:
        UnknownKey: there is none.
    """
    for one in known:
        if one.name == name:
            return one
    raise UnknownKey("There is no authority of that name: see `echt keys authority list`.")


def record(folder: Path, authority: OutsideAuthority) -> None:
    """Add a word about an authority to a key folder that no ceremony guards.

    Raises:
        CeremonyRefused: this hierarchy is changed by ceremony only.
        StateRefused: it takes something back that was said before.
        KeyUnavailable: the folder cannot be read or written.
    """
    with amended(folder) as change:
        change.book.refuse_without_ceremony()
        write(folder, change.draft, authority)
        change.commit(change.book)


def _files(folder: Path, draft: Path | None) -> list[Path]:
    """A first ceremony has no folder besides its draft: each place once."""
    places = {place: None for place in (folder, draft) if place is not None}
    found = [path for place in places for path in (place / FOLDER).glob("*.json")]
    return sorted(found, key=lambda path: path.name)


def _complete(files: list[Path]) -> list[Path]:
    if [path.name for path in files] != [_name(number) for number in range(1, len(files) + 1)]:
        raise TrustListInvalid("a file is missing")
    return files


def _name(number: int) -> str:
    return f"{number:04d}.json"
