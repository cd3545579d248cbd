"""What each kind of ceremony does to the key book. Nothing here writes outside the draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from keys import certificates, crl, durable, outside_book, states
from keys.ceremony import outside_acts
from keys.ceremony.outside_acts import AddAuthority, EndAuthority, LoseAuthority, OutsideAct
from keys.ceremony.plan import (
    FILE,
    TOKEN,
    Act,
    Announce,
    Compromise,
    Hierarchy,
    Lists,
    NewKeys,
    Retire,
    Roster,
    Switch,
)
from keys.ceremony.transcript import Account
from keys.certificates import PROFILES
from keys.crl import RevocationList
from keys.custody import Custody, SealSigner
from keys.errors import CeremonyRefused, KeyUnavailable
from keys.files import FileCustody, FileSigner, load_chain
from keys.making import Authority, Terms, load_authority, make_key, pem_of, write_authority
from keys.revocation import CA_LIST, ROOT_LIST
from keys.signed_objects import Authority as ListSigner
from keys.states import KeyBook
from keys.trust import KeyState

OpenToken = Callable[[], Custody]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a ceremony is held: what lies on the table, and what may be used."""

    draft: Path
    """New files of the key folder, under their final names."""
    folder: Path
    """The key folder as it was; the draft itself when there was none."""
    beside: Path
    """The folder of the plan: its paths start here."""
    account: Account
    open_token: OpenToken | None
    production: bool

    @property
    def outcome(self) -> Path:
        """Folder in the draft for everything that this ceremony hands out."""
        return self.draft / "ceremonies" / self.account.plan.name

    def custody(self, kind: str) -> Custody:
        """A folder of files, or the token.

        Raises:
            CeremonyRefused: the plan asks for a token, and none is set.
            KeyRefused: the plan asks for files, in production.
        """
        if kind == FILE:
            return FileCustody(self.draft, production=self.production)
        if self.open_token is None:
            raise CeremonyRefused("The plan puts keys in a token: set one (ECHT_TOKEN__MODULE).")
        return self.open_token()

    def hand_out(self, what: str, name: str, data: bytes) -> None:
        """Add a file to what comes out of this ceremony."""
        self.outcome.mkdir(mode=durable.OWNER_ONLY, parents=True, exist_ok=True)
        durable.create(self.outcome / name, data, mode=durable.PRIVATE)
        self.account.file(what, name, data)

    def trust_signer(self, book: KeyBook) -> SealSigner:
        """The key that signs the transcript and the trust list of this key book.

        Raises:
            CeremonyRefused: the ceremony leaves no trust key.
        """
        try:
            kid = book.signing("trust", "ES256").kid
        except KeyUnavailable as cause:
            raise CeremonyRefused(
                "No trust key would be left to sign with: have it replaced in the same plan."
            ) from cause
        where = self.draft if (self.draft / f"{kid}.pem").exists() else self.folder
        if (where / f"{kid}.key").exists():
            held: Custody = FileCustody(where, production=self.production)
        else:
            held = self.custody(TOKEN)
        return held.signer(kid, where / f"{kid}.pem")


def perform(act: Act, book: KeyBook, bench: Bench) -> KeyBook:
    """Do what the plan says; gives the key book as it is afterwards.

    Raises:
        KeysError: it cannot be done, and then nothing was.
    """
    if isinstance(act, AddAuthority | EndAuthority | LoseAuthority):
        _outside(act, bench)
        return book
    match act:
        case Announce():
            authority = _authority(act.authority, bench)
            return _made(act.keys, KeyState.ANNOUNCED, authority, book, bench)
        case Switch() | Retire():
            state = KeyState.ACTIVE if isinstance(act, Switch) else KeyState.RETIRED
            return _changed(act.keys, state, book, bench)
        case Compromise():
            return _compromised(act, book, bench)
        case Lists():
            _sign_lists(act.authority, act.list_days, book, bench)
            return book
        case Roster():
            bench.account.note("approvers replaced", approvers=[one.id for one in act.approvers])
            return replace(book, approvers=act.approvers)
        case Hierarchy():
            raise CeremonyRefused("There is a hierarchy here already.")


def found(act: Hierarchy, safe: Path, bench: Bench) -> KeyBook:
    """Make root, authority and the first keys; the authorities' own keys go into `safe`."""
    now, note = bench.account.now, bench.account.note
    root = certificates.make_root(now, act.names)
    note("root made", name=act.names.root, algorithm="ES384", custody=FILE)
    ca = certificates.make_ca(root, now, act.names, pki=act.keys.pki)
    note("authority made", name=act.names.ca, algorithm="ES384", custody=FILE)
    write_authority(safe, "root", root, ())
    write_authority(safe, "ca", ca, (root.der,))
    for name, chain in (("root", (root.der,)), ("ca", (ca.der, root.der))):
        data = pem_of(chain)
        durable.create(bench.draft / f"{name}.pem", data, mode=durable.PRIVATE)
        bench.account.file(f"certificate of the {name}", f"{name}.pem", data)
    book = KeyBook(act.names.organisation, 0, (), act.approvers)
    authority = Authority(ca, (ca.der, root.der))
    book = _made(act.keys, KeyState.ACTIVE, authority, book, bench)
    _write_lists(safe, act.list_days, book, bench)
    return book


def _made(
    new: NewKeys, state: KeyState, authority: Authority, book: KeyBook, bench: Bench
) -> KeyBook:
    terms = Terms(bench.account.now, state, new.years, new.pki)
    for purpose, custody in new.custody.items():
        profile = PROFILES[purpose]
        entry = make_key(bench.draft, profile, bench.custody(custody), authority, terms)
        details = {"purpose": purpose, "algorithm": profile.algorithm, "custody": custody}
        bench.account.note("key made", **details, state=state.value, years=new.years)
        name = f"{entry.kid}.pem"
        data = (bench.draft / name).read_bytes()
        bench.account.file(f"certificate of the {purpose} key", name, data)
        book = book.with_entry(entry)
    return book


def _changed(kids: tuple[str, ...], state: KeyState, book: KeyBook, bench: Bench) -> KeyBook:
    for kid in kids:
        before = book
        book = states.changed(book, kid, state, bench.account.now)
        for old, new in zip(before.keys, book.keys, strict=True):
            if old != new:
                bench.account.note("state changed", key=new.kid, was=old.state, now=new.state)
    return book


def _compromised(act: Compromise, book: KeyBook, bench: Bench) -> KeyBook:
    if act.since > bench.account.now:
        raise CeremonyRefused("The plan says that a key will be compromised in the future.")
    for kid in act.keys:
        was = book.key(kid).state
        book = states.changed(book, kid, KeyState.COMPROMISED, act.since)
        bench.account.note("state changed", key=kid, was=was, now=KeyState.COMPROMISED)
    if act.replace is not None:
        _require_lost(act, act.replace.custody, book)
        authority = _authority(act.authority, bench)
        book = _made(act.replace, KeyState.ACTIVE, authority, book, bench)
    if act.authority:
        _sign_lists(act.authority, act.list_days, book, bench)
    return book


def _outside(act: OutsideAct, bench: Bench) -> None:
    """One more file beside the key book; the book itself knows our own keys only."""
    if outside_acts.begins(act) > bench.account.now:
        raise CeremonyRefused("The plan speaks of a moment in the future.")
    authority = outside_acts.word(outside_book.load(bench.folder), act)
    outside_book.write(bench.folder, bench.draft, authority)
    bench.account.note("outside authority stated", name=authority.name)


def _require_lost(act: Compromise, purposes: Mapping[str, str], book: KeyBook) -> None:
    """Only a key that was lost is replaced at once; every other one is announced first."""
    lost = {(book.key(kid).purpose, book.key(kid).algorithm) for kid in act.keys}
    for purpose in purposes:
        profile = PROFILES[purpose]
        if (profile.purpose, profile.algorithm) not in lost:
            raise CeremonyRefused(f"No {purpose} key is compromised by this plan: announce one.")


def _authority(name: str, bench: Bench) -> Authority:
    """The authority of this hierarchy, from the medium that the plan names."""
    authority = load_authority(bench.beside / name)
    if authority.above[0] != load_chain(bench.folder / "ca.pem")[0]:
        raise CeremonyRefused("The medium holds the authority of another hierarchy.")
    return authority


def _sign_lists(name: str, days: int, book: KeyBook, bench: Bench) -> None:
    _authority(name, bench)
    _write_lists(bench.beside / name, days, book, bench)


def _write_lists(safe: Path, days: int, book: KeyBook, bench: Bench) -> None:
    """Revocation lists of the authority and the root (RFC 5280 5), good for that many days."""
    ca, root = (_list_signer(safe, name) for name in ("ca", "root"))
    issued = [one for one in book.keys if one.certificates[1] == ca.signer.chain[0]]
    lost = {
        crl.serial_of(one.certificates[0]): one.compromised_since
        for one in issued
        if one.compromised_since is not None
    }
    now = bench.account.now
    number, end = int(now.timestamp()), now + timedelta(days=days)
    for name, signer, revoked in ((CA_LIST, ca, lost), (ROOT_LIST, root, {})):
        content = RevocationList(number, now, end, revoked)
        bench.hand_out(f"revocation list {name}", name, crl.write(signer, content))
    bench.account.note("revocation lists signed", revoked=len(lost), days=days)


def _list_signer(safe: Path, name: str) -> ListSigner:
    key_file, chain_file = (safe / f"{name}.{suffix}" for suffix in ("key", "pem"))
    return ListSigner(FileSigner(name, key_file=key_file, chain_file=chain_file))
