"""Decades of an archive: keys come and go, and the newest copy is always genuine.

pdf.md 3.2 and 4.17 under a moved clock, with the real sealer, preserver and verifier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from credentials.archive_stamps import newest_stamp
from credentials.ledger import Outcome
from credentials.pades import SplicePreserver
from credentials.preserving import MARGIN, Account, Preserving
from credentials.sealing import Level
from keys import certificates, durable, hierarchy, publishing, states, trust
from keys.certificates import ORGANISATION, PROFILES, Names
from keys.files import FileCustody
from keys.making import Authority, Terms, make_key, write_authority
from keys.states import KeyBook
from keys.trust import KeyState, TrustList
from tests.contracts.memory_archive import MemoryArchive
from tests.contracts.memory_copies import MemoryCopies
from tests.contracts.memory_ledger import MemoryLedger
from tests.contracts.test_ledger import INTENT
from tests.products import THOROUGH
from tests.verifier import ageing, memory
from tests.verifier.conftest import a_verifier
from tests.verifier.sealed import FACTS, NOW, NUMBER, World
from verifier.ports import Status
from verifier.verdict import Verdict, VerdictCode

YEARS = 25 if THOROUGH else 10
"""Three lives of a time-stamp, or eight."""
DAY = timedelta(days=1)
YEAR = 365 * DAY
STEP = 180 * DAY
LONG = Names("NL", ORGANISATION, f"{ORGANISATION} root", f"{ORGANISATION} CA", 40, 38)
KEYS = ("trust", "tsa", "ocsp")


def make_long_world(folder: Path) -> World:
    """A hierarchy whose authorities outlive the test; end keys live three years, as always."""
    keys, now = folder / "keys", NOW - DAY
    keys.mkdir(parents=True)
    root = certificates.make_root(now, LONG)
    ca = certificates.make_ca(root, now, LONG)
    write_authority(keys, "root", root, ())
    write_authority(keys, "ca", ca, (root.der,))
    authority, terms = Authority(ca, (ca.der, root.der)), Terms(now, KeyState.ACTIVE)
    made = (make_key(keys, one, FileCustody(keys), authority, terms) for one in PROFILES.values())
    book = KeyBook(ORGANISATION, 0, tuple(made))
    durable.create(keys / states.FILE, states.encoded(book), mode=durable.PRIVATE)
    publishing.publish(keys, hierarchy.open_signer(keys, "trust"), now=NOW)
    return World(folder, keys, (keys / publishing.LIST).read_bytes())


@dataclass
class Years:
    """One archived document, its account, and a calendar."""

    world: World
    level: Level
    now: datetime = NOW
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    archive: MemoryArchive = field(default_factory=MemoryArchive)
    preserved: MemoryArchive = field(default_factory=MemoryArchive)

    def __post_init__(self) -> None:
        self.copies = MemoryCopies(self.ledger)
        sealer = self.world.sealer(self.level)
        prepared = sealer.prepare(self.world.page(facts=FACTS))
        document = sealer.seal(prepared)
        self.ledger.intend(replace(INTENT, covered_digest=prepared.covered_digest))
        self.ledger.conclude(NUMBER, Outcome.SEALED, hashlib.sha256(document).hexdigest())
        self.archive.put(NUMBER, document)

    @property
    def preserving(self) -> Preserving:
        """As an instance would compose it on this day."""
        book = states.load(self.world.keys)
        chains = [one.certificates for one in book.keys if one.purpose == "seal"]
        stamper = self.world.timestamper(self.now)
        revocation = self.world.revocation_source(self.now)
        preserver = SplicePreserver(
            stamper,
            revocation,
            chains=chains,
            listed=lambda: [one.certificates for one in self.published().entries("tsa")],
        )
        return Preserving(
            ledger=self.ledger,
            archive=self.archive,
            preserved=self.preserved,
            preserver=preserver,
            copies=self.copies,
            read_stamp=newest_stamp,
            ends={},
            trusted=self.published,
            clock=lambda: self.now,
        )

    def published(self) -> TrustList:
        """The trust list of this day."""
        return trust.read(ageing.list_of(self.world.keys, at=self.now), now=self.now)

    def verdict(self, document: bytes) -> Verdict:
        """What anybody finds on this day, from the file and the list alone."""
        statuses = memory.MemoryStatuses({NUMBER: Status.GOOD})
        listed = ageing.list_of(self.world.keys, at=self.now)
        return a_verifier(self.world, statuses=statuses, trust=listed, clock=self.now).verify(
            document
        )

    @property
    def copy(self) -> bytes:
        """The archive's own copy."""
        return self.preserved.get(NUMBER)


def keys_that_end(years: Years) -> tuple[str, ...]:
    """Which keys an operator would replace now: their certificates end within a year."""
    soon = years.now + YEAR
    book = states.load(years.world.keys)
    ends = {one: book.signing(one, PROFILES[one].algorithm).certificates[0] for one in KEYS}
    loaded = {one: x509.load_der_x509_certificate(der) for one, der in ends.items()}
    return tuple(one for one in KEYS if loaded[one].not_valid_after_utc < soon)


def pass_time(years: Years, until: datetime) -> Iterator[Account]:
    """Let half-years pass, with what an operator does in each; the account of every renewal."""
    while years.now < until:
        years.now += STEP
        ageing.succeed(years.world.keys, at=years.now, purposes=keys_that_end(years))
        yield years.preserving.renew()


@pytest.mark.slow
@pytest.mark.parametrize(("level", "length"), [(Level.B_T, YEARS), (Level.B_LTA, 6)])
def test_for_decades_the_newest_copy_is_genuine_and_the_handed_out_file_untouched(
    tmp_path: Path, level: Level, length: int
) -> None:
    """pdf.md 4.17: everything but the newest time-stamp has expired, again and again."""
    years = Years(make_long_world(tmp_path), level)
    handed_out = years.archive.get(NUMBER)
    assert years.preserving.preserve().done == 1
    stamps = [newest_stamp(years.copy)]
    for account in pass_time(years, NOW + length * YEAR):
        assert (account.failed, account.restarted, account.stopped) == ({}, 0, "")
        newest = newest_stamp(years.copy)
        assert newest.certificate_ends > years.now + MARGIN - STEP
        assert account.done == (newest != stamps[-1])
        if account.done:
            assert newest.authority != stamps[-1].authority
            stamps.append(newest)
            assert years.verdict(years.copy).code is VerdictCode.GENUINE_CURRENT

    assert years.archive.get(NUMBER) == handed_out
    assert years.copy.startswith(handed_out)
    assert years.verdict(years.copy).code is VerdictCode.GENUINE_CURRENT
    assert len(stamps) >= length / 3


@pytest.mark.slow
def test_the_copy_of_an_archive_time_stamped_before_a_theft_outlives_it(tmp_path: Path) -> None:
    """pdf.md 4.16 for the authority: another one stood over the file before the key was stolen."""
    years = Years(make_long_world(tmp_path), Level.B_T)
    stolen = hierarchy.open_signer(years.world.keys, "tsa").key.kid
    years.now += 40 * DAY
    ageing.succeed(years.world.keys, at=years.now, purposes=("tsa",))
    years.preserving.preserve()
    publishing.change_state(years.world.keys, stolen, KeyState.COMPROMISED, at=years.now + 10 * DAY)
    years.now += 20 * DAY

    account = years.preserving.renew()

    assert (account.done, account.failed) == (0, {})
    assert years.verdict(years.copy).code is VerdictCode.GENUINE_CURRENT
    assert years.verdict(years.archive.get(NUMBER)).code is VerdictCode.CANNOT_CHECK


@pytest.mark.slow
def test_a_copy_under_a_stolen_authority_gets_another_time_stamp_at_once(tmp_path: Path) -> None:
    years = Years(make_long_world(tmp_path), Level.B_T)
    years.preserving.preserve()
    stolen = hierarchy.open_signer(years.world.keys, "tsa").key.kid
    years.now += 40 * DAY
    ageing.succeed(years.world.keys, at=years.now, purposes=("tsa",))
    theft = years.now + 10 * DAY
    publishing.change_state(years.world.keys, stolen, KeyState.COMPROMISED, at=theft)
    years.now += 20 * DAY

    first, second = years.preserving.renew(), years.preserving.renew()

    assert (first.done, first.restarted, second.done) == (1, 0, 0)
    assert newest_stamp(years.copy).at == years.now
