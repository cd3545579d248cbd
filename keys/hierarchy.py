"""The test hierarchy: root, authority, and one key for each thing that Echt signs.

A hierarchy appears all at once. It is built in a folder beside its place, under a
lock, and renamed into it; whatever interrupts that leaves no half hierarchy, and the
next attempt clears what was left.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography import x509

from keys import certificates, durable, states
from keys.certificates import PROFILES, Issued, Profile, whole_seconds
from keys.errors import FolderOccupied, KeyUnavailable, UnknownKey
from keys.files import FileSigner, load_chain, load_private, refuse_in_production
from keys.states import KeyBook
from keys.timestamps import EmbeddedAuthority
from keys.trust import KeyEntry, KeyState

OWNER_ONLY = 0o700


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
                _refuse_other_content(place)
                _build(place, whole_seconds(now))
    except OSError as cause:
        raise KeyUnavailable(f"The key folder cannot be made ({cause.strerror}).") from cause


def exists(folder: Path) -> bool:
    """Tell whether a hierarchy was made here."""
    return (folder / states.FILE).exists()


def announce(folder: Path, purpose: str, *, now: datetime, production: bool = False) -> str:
    """Make the next key for a purpose, in the state announced, and return its name.

    Raises:
        KeyRefused: the process runs in production.
        KeyUnavailable: no hierarchy here, or its authority's key cannot be used.
        UnknownKey: there is no such purpose.
    """
    refuse_in_production(production=production)
    profile = _profile(purpose)
    try:
        with durable.alone(folder):
            book, ca = states.load(folder), _load_ca(folder)
            issued = certificates.make_leaf(profile, ca, whole_seconds(now))
            chain = (issued.pem, (folder / "ca.pem").read_bytes())
            entry = _entry(profile, issued, load_chain(folder / "ca.pem"), KeyState.ANNOUNCED)
            _write_key(folder, entry.kid, issued, chain)
            states.save(folder, book.with_entry(entry))
    except OSError as cause:
        raise KeyUnavailable(f"The key folder cannot be used ({cause.strerror}).") from cause
    return entry.kid


def open_signer(folder: Path, purpose: str, *, production: bool = False) -> FileSigner:
    """Open the key that signs for a purpose now: `seal`, `seal-rsa`, `facts`, `trust` or `tsa`.

    Raises:
        KeyRefused: the process runs in production.
        KeyUnavailable: no active key, or its files cannot be used.
        UnknownKey: there is no such purpose.
    """
    refuse_in_production(production=production)
    profile = _profile(purpose)
    kid = states.load(folder).signing(profile.purpose, profile.algorithm).kid
    return FileSigner(kid, key_file=folder / f"{kid}.key", chain_file=folder / f"{kid}.pem")


def open_timestamper(
    folder: Path, *, clock: Callable[[], datetime], production: bool = False
) -> EmbeddedAuthority:
    """Open the embedded time-stamping authority.

    Raises:
        KeyRefused: the process runs in production.
        KeyUnavailable: its key cannot be used.
    """
    signer = open_signer(folder, "tsa", production=production)
    return EmbeddedAuthority(signer, clock=clock, production=production)


def root_of(folder: Path) -> bytes:
    """The root certificate in DER: what a verifier pins.

    Raises:
        KeyUnavailable: no hierarchy here.
    """
    return load_chain(folder / "root.pem")[0]


def _profile(purpose: str) -> Profile:
    if purpose not in PROFILES:
        raise UnknownKey(f"A key is for one of: {', '.join(PROFILES)}.")
    return PROFILES[purpose]


def _refuse_other_content(place: Path) -> None:
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise FolderOccupied(
            "The folder for the keys is not empty and holds no hierarchy: choose another."
        )


def _build(place: Path, now: datetime) -> None:
    draft = place.with_name(f".{place.name}.making")
    if draft.exists():
        shutil.rmtree(draft)  # an earlier attempt that was killed; the lock says nobody is in it
    draft.mkdir(mode=OWNER_ONLY)
    try:
        _fill(draft, now)
        durable.flush_folder(draft)
        draft.rename(place)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    durable.flush_folder(place.parent)


def _fill(draft: Path, now: datetime) -> None:
    root = certificates.make_root(now)
    ca = certificates.make_ca(root, now)
    _write_key(draft, "root", root, (root.pem,))
    _write_key(draft, "ca", ca, (ca.pem, root.pem))
    entries = []
    for profile in PROFILES.values():
        leaf = certificates.make_leaf(profile, ca, now)
        entry = _entry(profile, leaf, (ca.der, root.der), KeyState.ACTIVE)
        _write_key(draft, entry.kid, leaf, (leaf.pem, ca.pem, root.pem))
        entries.append(entry)
    book = KeyBook(certificates.ORGANISATION, 0, tuple(entries))
    durable.create(draft / states.FILE, states.encoded(book), mode=durable.PRIVATE)


def _entry(profile: Profile, issued: Issued, above: tuple[bytes, ...], state: KeyState) -> KeyEntry:
    start = issued.certificate.not_valid_before_utc
    kid = certificates.kid_of(profile, issued, start)
    chain = (issued.der, *above)
    return KeyEntry(kid, profile.purpose, profile.algorithm, chain, state, since=start)


def _write_key(folder: Path, name: str, issued: Issued, chain: tuple[bytes, ...]) -> None:
    durable.create(folder / f"{name}.key", issued.private_pem, mode=durable.PRIVATE)
    durable.create(folder / f"{name}.pem", b"".join(chain), mode=durable.PRIVATE)


def _load_ca(folder: Path) -> Issued:
    own = load_chain(folder / "ca.pem")[0]
    return Issued(x509.load_der_x509_certificate(own), load_private(folder / "ca.key"))
