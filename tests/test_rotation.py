"""The rehearsal: a key is announced, takes over, retires, is lost, all by ceremonies.

Real register, real sealer, real verifier, first with keys in files and then with keys in a
hardware token; only the clock is ours. platform.md 4.1.20 and 4.1.21, pdf.md 4.16.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from checking import online_verifier
from credentials.extract import Language, Purpose
from credentials.pades import SpliceSealer
from credentials.sealing import Sealer, SealProfile
from keys import crl, hierarchy, moments, ocsp, publishing, states, trust
from keys.custody import Custody
from keys.errors import TrustListInvalid
from keys.files import FileCustody
from keys.newest import Newest
from keys.pkcs11 import Token, TokenCustody
from keys.trust import KeyState
from register.importing import import_lines
from register.synthetic.generate import write
from register.synthetic.personas import PERSONAS
from settings import Settings, TokenSettings
from tests.keys.ceremony_room import PURPOSES, Room
from tests.keys.softhsm import SoftHsm
from verifier.sandbox import Sandbox
from verifier.verifying import Verifier
from wiring import Instance

pytestmark = pytest.mark.slow
DAY = timedelta(days=1)
GENUINE = {"GENUINE_CURRENT", "GENUINE_STATUS_UNKNOWN"}


@dataclass(slots=True)
class Life:
    """A service whose keys only ceremonies change, and what it sealed."""

    room: Room
    settings: Settings
    custody: Custody
    kind: str
    sandbox: Sandbox
    token: Token | None = None
    sealed: dict[str, bytes] = field(default_factory=dict)

    @property
    def keys(self) -> Path:
        """The key folder of the service."""
        return self.room.keys

    def open(self) -> Instance:
        """The service, started now: it opens the keys that sign now."""
        instance = Instance(self.settings, self.now)
        if self.token is not None:
            # One login serves a process, and in this test the ceremony is in the same one.
            instance.keyring.__dict__["token"] = self.token
        return instance

    def hold(self, example: str, **changes: str) -> None:
        """A ceremony; every key that it makes goes where this life keeps its keys."""
        custody = {"seal": self.kind} if "announce" in example or "compromise" in example else {}
        safe = {"authority": "safe"} if custody else {}
        self.room.hold(example, **changes | custody | safe)

    def issue(self, instance: Instance, name: str, award: int) -> None:
        """Seal the extract of an award, as a holder does."""
        record = instance.register.awards_of(PERSONAS[award].person_id)[0]
        language = list(Language)[len(self.sealed) % 3]
        self.sealed[name] = instance.downloads.extract(record, language, Purpose.GENERAL).document

    def misuse(self, instance: Instance, name: str, kid: str, claimed: timedelta) -> None:
        """Seal with a key that may not: past the key book, with /M as the thief likes it."""
        sealer = SpliceSealer(
            self.custody.signer(kid, self.keys / f"{kid}.pem"),
            SealProfile(),
            clock=lambda: self.room.now - claimed,
            timestamper=instance.keyring.timestamper,
        )
        self.seal(instance, name, sealer)

    def seal(self, instance: Instance, name: str, sealer: Sealer) -> None:
        """Seal an extract outside the issuing cycle: no ledger knows it."""
        record = instance.register.awards_of(PERSONAS[0].person_id)[0]
        extract = instance.downloads.draft(record, Language.EN, Purpose.GENERAL)
        self.sealed[name] = sealer.seal(sealer.prepare(instance.draw(extract)))

    def verdicts(self, verifier: Verifier) -> dict[str, bool]:
        """Which of all sealed documents are genuine."""
        return {name: verifier.verify(one).code in GENUINE for name, one in self.sealed.items()}

    def alone(self) -> Verifier:
        """A verifier with nothing but the published list, on our clock."""
        return Verifier(
            index=None,
            statuses=None,
            trust=Newest(
                (self.settings.home / "trust" / publishing.LIST).read_bytes, clock=self.now
            ),
            reading=self.sandbox,
            clock=self.now,
            address=self.settings.address,
        )

    def now(self) -> datetime:
        """The one clock."""
        return self.room.now

    def newest(self) -> str:
        """The key that was made last."""
        return states.load(self.keys).keys[-1].kid

    def published(self) -> trust.TrustList:
        """The list as anybody fetches it."""
        data = (self.settings.home / "trust" / publishing.LIST).read_bytes()
        return trust.read(data, now=self.room.now, pinned_root=hierarchy.root_of(self.keys))


@pytest.fixture(name="life", params=["file", "token"])
def _life(request: pytest.FixtureRequest, tmp_path: Path, sandbox: Sandbox) -> Life:
    """The first ceremony was held, root and authority lie in the safe, people are registered."""
    room = Room(tmp_path / "room")
    settings = Settings(home=room.hierarchy)
    custody: Custody = FileCustody(room.keys)
    token: Token | None = None
    if request.param == "token":
        hsm: SoftHsm = request.getfixturevalue("softhsm")
        token = request.getfixturevalue("hsm_token")
        custody = in_token = TokenCustody(token)
        room.open_token = lambda: in_token
        chosen = TokenSettings(module=hsm.module, label=hsm.label, pin_file=hsm.pin_file)
        settings = settings.model_copy(update={"token": chosen})
    room.hold("1-hierarchy", **dict.fromkeys(PURPOSES, str(request.param)))
    shutil.move(room.hierarchy / "authority", room.folder / "safe")
    life = Life(room, settings, custody, str(request.param), sandbox, token)
    instance = life.open()
    write(room.folder / "people.jsonl", people=1, seed=7)
    import_lines(room.folder / "people.jsonl", instance.writer)
    instance.close()
    return life


def test_a_key_is_announced_takes_over_retires_and_is_lost(life: Life) -> None:
    with_first_key(life)
    announced = announce(life)
    switch(life, announced)
    retired = life.published()
    lose(life, announced)
    refuse_the_old_list(life, retired)


def with_first_key(life: Life) -> None:
    """Day 0: the service seals with K1, and only what ends with the safe is missing from it."""
    instance = life.open()
    life.issue(instance, "K1 before", award=0)
    instance.close()

    assert list(life.keys.glob("ca.key")) == []
    assert bool(list(life.keys.glob("*.key"))) is (life.kind == "file")
    assert life.verdicts(life.alone()) == {"K1 before": True}


def announce(life: Life) -> str:
    """Day 1: K2 is in the list and cannot sign; whoever forces it gets nothing genuine."""
    life.room.later(days=1)
    life.hold("2-announce")
    announced, instance = life.newest(), life.open()

    entry = life.published().by_kid(announced)
    assert entry is not None
    assert entry.state is KeyState.ANNOUNCED
    assert instance.sealer.key.kid != announced
    life.misuse(instance, "K2 too early", announced, claimed=timedelta(0))
    instance.close()
    assert life.verdicts(life.alone()) == {"K1 before": True, "K2 too early": False}
    del life.sealed["K2 too early"]
    return announced


def switch(life: Life, announced: str) -> None:
    """Day 31: K2 signs from now on, also in a process that had K1 open; K1 has a day to end."""
    running = life.open()
    assert running.sealer.key.kid != announced
    life.room.later(days=30)
    life.hold("3-switch", kid=announced)

    started = life.open()
    life.issue(started, "K2", award=1)
    life.room.later(hours=1)
    held = running.sealer.key.kid
    life.misuse(running, "K1 handing over", held, claimed=timedelta(0))
    life.issue(running, "K2 without a restart", award=2)
    assert running.sealer.key.kid == announced
    life.room.later(days=1)
    running.close()
    started.close()

    old = life.published().by_kid(held)
    assert old is not None
    assert old.state is KeyState.RETIRED
    assert life.verdicts(life.alone()) == dict.fromkeys(life.sealed, True)


def lose(life: Life, lost: str) -> None:
    """Day 60: K2 was stolen on day 50. Before that everything stays genuine, after it nothing."""
    life.room.later(days=8)  # day 40
    instance = life.open()
    life.issue(instance, "K2 before T", award=3)
    life.seal(instance, "K2 before T, B-LTA", instance.archival_sealer)
    life.room.later(days=10)
    stolen_at = moments.written(life.room.now)
    life.room.later(days=1)
    life.issue(instance, "K2 after T", award=4)
    life.misuse(instance, "forged after T", lost, claimed=timedelta(0))
    life.misuse(instance, "forged after T, claims an earlier time", lost, claimed=10 * DAY)
    assert life.verdicts(life.alone()) == dict.fromkeys(life.sealed, True)  # nobody knows yet

    life.room.later(days=9)
    life.hold("5-compromise", kid=lost, since=stolen_at)
    life.issue(instance, "K3 without a restart", award=6)
    assert instance.sealer.key.kid != lost
    instance.close()
    replaced = life.open()
    life.issue(replaced, "K3", award=5)

    assert replaced.sealer.key.kid != lost
    assert life.verdicts(life.alone()) == AFTER_THE_LOSS
    ours = online_verifier(replaced, life.sandbox)
    # The ledger knows what was sealed honestly after T; what it does not know stays false.
    assert life.verdicts(ours) == AFTER_THE_LOSS | {"K2 after T": True}
    require_revoked(replaced, lost, stolen_at)
    replaced.close()


def require_revoked(instance: Instance, lost: str, since: str) -> None:
    """The lists that the ceremony signed and the responder say what the trust list says."""
    issuer, book = instance.keyring.revocation, states.load(instance.keys_folder)
    issuer.refresh()
    chain = book.key(lost).certificates
    ours, others = (
        ocsp.read_response(issuer.data_for(one).ocsps[0], chain[1])
        for one in (chain, book.signing("seal", "ES256").certificates)
    )
    listed = crl.read(issuer.file("ca.crl"), chain[1]).revoked

    assert {serial: moments.written(at) for serial, at in listed.items()} == {
        crl.serial_of(chain[0]): since
    }
    assert ours.status.revoked_since is not None
    assert moments.written(ours.status.revoked_since) == since
    assert others.status.revoked_since is None


AFTER_THE_LOSS = {
    "K1 before": True,
    "K1 handing over": True,
    "K2": True,
    "K2 without a restart": True,
    "K3 without a restart": True,
    "K2 before T": True,
    "K2 before T, B-LTA": True,
    "K2 after T": False,
    "forged after T": False,
    "forged after T, claims an earlier time": False,
    "K3": True,
}


def refuse_the_old_list(life: Life, retired: trust.TrustList) -> None:
    """Whoever has the lost key would like everybody to go back to the list of before."""
    verifier, place = life.alone(), life.settings.home / "trust" / publishing.LIST
    before = life.keys / "ceremonies" / "switch-seal-2027" / publishing.LIST
    assert verifier.verify(life.sealed["K3"]).code in GENUINE

    place.write_bytes(before.read_bytes())

    with pytest.raises(TrustListInvalid, match="older than one that was seen"):
        trust.read(place.read_bytes(), now=life.room.now, at_least=retired.serial + 1)
    assert not any(life.verdicts(verifier).values())  # could not check: never genuine
