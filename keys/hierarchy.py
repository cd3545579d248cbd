"""A hierarchy: root, authority, and one key for each thing that Echt signs.

A hierarchy appears all at once. It is built in a folder beside its place, under a
lock, and renamed into it; whatever interrupts that leaves no half hierarchy, and the
next attempt clears what was left. `make` is for development; a real one comes out of
a ceremony (`keys.ceremony`), with the authorities' keys in a folder of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

from keys import certificates, durable, states
from keys.amending import amended
from keys.certificates import PROFILES, Profile, whole_seconds
from keys.custody import Custody, SealSigner
from keys.errors import FolderOccupied, KeyRefused, KeyUnavailable, UnknownKey
from keys.files import FileCustody, load_chain, refuse_in_production
from keys.guarded import GuardedSigner
from keys.making import Authority, Terms, load_authority, make_key, write_authority
from keys.states import KeyBook
from keys.timestamps import EmbeddedAuthority
from keys.trust import KeyState


def utc_now() -> datetime:
    """The clock of a running process."""
    return datetime.now(UTC)


def make(folder: Path, *, now: datetime, production: bool = False) -> None:
    """Make the test hierarchy in `folder`; an existing one is left exactly as it is.

    Raises:
        KeyRefused: the process runs in production.
        FolderOccupied: the folder holds something else.
        KeyUnavailable: the disk refuses.
    """
    refuse_in_production(production=production)
    place = folder.absolute()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with durable.alone(place.parent):
            if not exists(place):
                refuse_other_content(place)
                with durable.whole(place) as draft:
                    _fill(draft, whole_seconds(now))
    except OSError as cause:
        raise KeyUnavailable(f"The key folder cannot be made ({cause.strerror}).") from cause


def exists(folder: Path) -> bool:
    """Tell whether a hierarchy was made here."""
    return (folder / states.FILE).exists()


def announce(
    folder: Path,
    purpose: str,
    *,
    now: datetime,
    custody: Custody | None = None,
    production: bool = False,
) -> str:
    """Make the next key for a purpose, in the state announced, and return its name.

    `custody` is where the key is made, by default a file in the folder. The authority's key
    must lie in the folder; where it is kept offline, a ceremony announces.

    Raises:
        KeyRefused: the key would be a file, and the process runs in production.
        CeremonyRefused: this hierarchy is changed by ceremony only.
        KeyUnavailable: no hierarchy here, or its authority's key cannot be used.
        UnknownKey: there is no such purpose.
    """
    if custody is None:
        refuse_in_production(production=production)
    profile = profile_of(purpose)
    terms = Terms(whole_seconds(now), KeyState.ANNOUNCED)
    with amended(folder) as change:
        change.book.refuse_without_ceremony()
        held = custody or FileCustody(change.draft, production=production)
        issuer = load_authority(folder)
        entry = make_key(change.draft, profile, held, issuer, terms)
        change.commit(change.book.with_entry(entry))
    return entry.kid


def complete(folder: Path, purposes: Collection[str], *, now: datetime) -> tuple[str, ...]:
    """Give a test hierarchy of an earlier release its first key for each of these purposes.

    A first key takes nothing over, so it may sign at once. A hierarchy that ceremonies change,
    or whose authority is kept elsewhere, stays as it is. Returns the names of the new keys.

    Raises:
        KeyUnavailable: the folder cannot be read or written.
    """
    if not (folder / "ca.key").exists():
        return ()
    book = states.load(folder)
    if book.approvers or {profile_of(one).purpose for one in purposes} <= _purposes(book):
        return ()
    terms = Terms(whole_seconds(now), KeyState.ACTIVE)
    with amended(folder) as change:
        there = _purposes(change.book)
        lacking = [one for one in purposes if profile_of(one).purpose not in there]
        issuer, custody, book = load_authority(folder), FileCustody(change.draft), change.book
        for purpose in lacking:
            entry = make_key(change.draft, profile_of(purpose), custody, issuer, terms)
            book = book.with_entry(entry)
        change.commit(book)
    return tuple(one.kid for one in book.keys if one.purpose in lacking)


def open_signer(
    folder: Path,
    purpose: str,
    *,
    custody: Custody | None = None,
    production: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> SealSigner:
    """Open the key that signs for a purpose now: `seal`, `seal-rsa`, `facts`, `trust` and so on.

    It stops by itself when the key book says that it may sign no longer.

    Raises:
        KeyRefused: in production the keys are files, or the authorities' keys lie here too.
        KeyUnavailable: no active key, or custody cannot use it.
        UnknownKey: there is no such purpose.
    """
    held = custody or FileCustody(folder, production=production)
    if production:
        _refuse_authorities(folder)
    profile = profile_of(purpose)
    kid = states.load(folder).signing(profile.purpose, profile.algorithm).kid
    return GuardedSigner(held.signer(kid, folder / f"{kid}.pem"), folder, clock=clock)


def open_timestamper(
    folder: Path,
    *,
    clock: Callable[[], datetime],
    custody: Custody | None = None,
    production: bool = False,
) -> EmbeddedAuthority:
    """Open the embedded time-stamping authority.

    Raises:
        KeyRefused: the process runs in production.
        KeyUnavailable: its key cannot be used.
    """
    refuse_in_production(production=production)
    signer = open_signer(folder, "tsa", custody=custody, clock=clock)
    return EmbeddedAuthority(signer, clock=clock, production=production)


def root_of(folder: Path) -> bytes:
    """The root certificate in DER: what a verifier pins.

    Raises:
        KeyUnavailable: no hierarchy here.
    """
    return load_chain(folder / "root.pem")[0]


def profile_of(purpose: str) -> Profile:
    """The kind of key that a purpose takes.

    Raises:
        UnknownKey: there is no such purpose.
    """
    if purpose not in PROFILES:
        raise UnknownKey(f"A key is for one of: {', '.join(PROFILES)}.")
    return PROFILES[purpose]


def refuse_other_content(place: Path) -> None:
    """Let nothing but an empty or absent folder past.

    Raises:
        FolderOccupied: the folder holds something.
    """
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise FolderOccupied(
            "The folder for the keys is not empty and holds no hierarchy: choose another."
        )


def _purposes(book: KeyBook) -> set[str]:
    return {one.purpose for one in book.keys}


def _refuse_authorities(folder: Path) -> None:
    found = [name for name in ("root.key", "ca.key") if (folder / name).exists()]
    if found:
        raise KeyRefused(
            f"{' and '.join(found)} must not lie where the service runs: "
            "keep them offline, for ceremonies."
        )


def _fill(draft: Path, now: datetime) -> None:
    root = certificates.make_root(now)
    ca = certificates.make_ca(root, now)
    write_authority(draft, "root", root, ())
    write_authority(draft, "ca", ca, (root.der,))
    authority = Authority(ca, (ca.der, root.der))
    terms, custody = Terms(now, KeyState.ACTIVE), FileCustody(draft)
    entries = [make_key(draft, one, custody, authority, terms) for one in PROFILES.values()]
    book = KeyBook(certificates.ORGANISATION, 0, tuple(entries))
    durable.create(draft / states.FILE, states.encoded(book), mode=durable.PRIVATE)
