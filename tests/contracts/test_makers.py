"""One contract for whatever makes ELMO documents: this process, or a real signer at a socket.

emrex.md 3.4 and 4.60: the web role holds no key, and what it gets is what a maker would make.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.profiles import Version
from emrex.errors import NotTransferable
from emrex.exchange.ports import Documents
from emrex.making import Maker
from emrex.signing.remote import RemoteMaker
from emrex_wiring import documents_of, entry_of
from keys.errors import KeyUnavailable
from register.records import AwardRecord
from register.synthetic.personas import PERSONAS
from tests.emrex.conftest import schemas
from tests.faults.signer.halves import Split, copied, furnish, running

pytestmark = pytest.mark.slow
RECEIVER = "https://emc.example.edu"


@dataclass(frozen=True, slots=True)
class Desk:
    """A maker, and the instance that it makes documents for."""

    maker: Documents
    halves: Split

    def records(self, key: str) -> tuple[AwardRecord, ...]:
        person = next(one.person_id for one in PERSONAS if one.key == key)
        return tuple(self.halves.web.register.awards_of(person))

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """As the web role publishes them, from the trust list."""
        return entry_of(self.halves.web).certificates


@pytest.fixture(scope="module", name="halves")
def _halves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Split]:
    home = tmp_path_factory.mktemp("makers") / "home"
    home.mkdir(mode=0o700)
    furnish(home)
    with copied(home, tmp_path_factory.mktemp("copy")) as halves, running(halves):
        yield halves


MAKERS: dict[type, Callable[[Split], Documents]] = {
    Maker: lambda halves: documents_of(halves.local),
    RemoteMaker: lambda halves: documents_of(halves.web),
}


@pytest.fixture(params=MAKERS, ids=lambda kind: kind.__name__, name="desk")
def _desk(request: pytest.FixtureRequest, halves: Split) -> Desk:
    maker = MAKERS[request.param](halves)
    assert type(maker) is request.param
    return Desk(maker, halves)


@pytest.mark.parametrize("version", Version)
def test_a_document_verifies_by_what_is_published(desk: Desk, version: Version) -> None:
    """emrex.md 4.38, 4.54: in every version, with its extract and for its receiver."""
    transaction = hashlib.sha256(b"s-1").hexdigest()
    made = desk.maker.document(desk.records("nurse"), version, RECEIVER, transaction)

    found = accept(made.content, desk.certificates, desk.halves.web.clock(), schemas())
    assert (found.verdict, found.findings) == (SignatureVerdict.VALID, ())
    assert f"{version.value}.0" in found.fits
    assert made.certificate == desk.certificates[0]
    assert made.records == tuple(one.award.award_id for one in desk.records("nurse"))
    overview = 1
    files = made.content.count(b"data:application/pdf;base64,")
    assert files == len(desk.records("nurse")) + overview
    assert f'receiver="{RECEIVER}" transaction="{transaction}"'.encode() in made.content


def test_only_what_was_asked_for_is_in_it(desk: Desk) -> None:
    """emrex.md 4.17: and each award once, whatever is asked twice."""
    several = next(found for one in PERSONAS if len(found := desk.records(one.key)) > 1)
    chosen, left = several[0], several[1]

    made = desk.maker.document([chosen], Version.V1_7, "")

    assert chosen.award.award_id.encode() in made.content
    assert left.award.award_id.encode() not in made.content


def test_a_withdrawn_diploma_is_nothing_to_send(desk: Desk) -> None:
    """emrex.md 4.21."""
    with pytest.raises(NotTransferable):
        desk.maker.document(desk.records("withdrawn"), Version.V1_7, RECEIVER)
    with pytest.raises(NotTransferable):
        desk.maker.document([], Version.V1_7, RECEIVER)


def test_two_people_are_never_in_one_document(desk: Desk) -> None:
    with pytest.raises(NotTransferable):
        desk.maker.document([*desk.records("nurse"), *desk.records("vwo")], Version.V1_7, RECEIVER)


def test_keys_that_are_gone_are_the_same_error_and_come_back(desk: Desk) -> None:
    keys, away = desk.halves.home / "keys", desk.halves.home / "away"
    desk.maker.document(desk.records("vwo"), Version.V1_7, RECEIVER)
    keys.rename(away)
    try:
        with pytest.raises(KeyUnavailable) as found:
            desk.maker.document(desk.records("vwo"), Version.V1_7, RECEIVER)
    finally:
        away.rename(keys)

    assert str(desk.halves.home) not in found.value.public
    assert desk.maker.document(desk.records("vwo"), Version.V1_7, RECEIVER).content
