"""Time-stamps of outside authorities from end to end: settings, list, issuing, checking, loss.

Two `openssl ts` authorities with keys of their own, over HTTP on this machine; the first is
away for a while, so that the second stamps, and later the other way round.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import serving
from checking import lone_verifier, online_verifier
from credentials.errors import SealingPaused
from credentials.extract import Language, Purpose
from keys import moments
from keys.errors import TimestampUnavailable
from keys.publishing import LIST
from register.importing import import_lines
from register.synthetic.generate import write
from register.synthetic.personas import PERSONAS
from settings import AuthoritySettings, Settings
from tests.commands import echt
from tests.house import BASE, HERE, SAME_ORIGIN
from tests.keys.loopback import Behaviour, answering, http
from tests.keys.loopback import serving as listening
from tests.keys.openssl_authority import P256, POLICY, RSA, OpensslAuthority
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode
from wiring import Instance

pytestmark = pytest.mark.slow

CURRENT, UNKNOWN, CANNOT = (
    VerdictCode.GENUINE_CURRENT,
    VerdictCode.GENUINE_STATUS_UNKNOWN,
    VerdictCode.CANNOT_CHECK,
)


@dataclass
class Town:
    """An instance and two authorities outside of it, which a test can take away."""

    folder: Path
    authorities: dict[str, OpensslAuthority]
    sandbox: Sandbox
    away: set[str] = field(default_factory=set)
    urls: dict[str, str] = field(default_factory=dict)
    issued: int = 0

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def lone(self) -> Settings:
        """Of a process with nothing but the list."""
        return Settings(home=self.folder / "lone")

    @property
    def published(self) -> Path:
        return self.home / "trust" / LIST

    def behaviour(self, name: str) -> Behaviour:
        proper = answering(self.authorities[name].respond)

        def behave(connection: Any, body: bytes) -> None:
            if name in self.away:
                connection.sendall(http(b"", "503 Away"))
            else:
                proper(connection, body)

        return behave

    def certificate(self, name: str) -> Path:
        return self.folder / name / "tsa.pem"

    def opened(self) -> Instance:
        """A process that starts now."""
        chosen = tuple(
            AuthoritySettings(url=url, certificate_file=self.certificate(name), policy=POLICY)
            for name, url in self.urls.items()
        )
        return Instance(Settings(home=self.home, timestamp_authorities=chosen))

    def keys(self, *words: str) -> str:
        """One `echt keys` command, in a process of its own."""
        return self.echt("keys", *words)

    def echt(self, *words: str) -> str:
        done = echt(self.home, *words)
        assert done.returncode in {0, 1}, done.stderr
        return done.stdout

    def list_both(self) -> None:
        for name in self.authorities:
            place = ("--certificates", str(self.certificate(name)), "--policy", POLICY)
            assert "is on the list" in self.keys("authority", "add", name, *place)

    def issue(self, *, archival: bool = False) -> Issued:
        """One more extract, by a process that starts now."""
        instance = self.opened()
        if archival:
            instance.__dict__["sealer"] = instance.archival_sealer
        record = instance.register.awards_of(PERSONAS[self.issued].person_id)[0]
        self.issued += 1
        try:
            made = instance.downloads.extract(record, Language.NL, Purpose.GENERAL)
        finally:
            instance.close()
        return Issued(made.number, made.document)

    def preserve(self) -> None:
        instance = self.opened()
        account = instance.preserving.preserve()
        instance.close()
        assert account.failures == 0, account

    def copy_of(self, issued: Issued) -> bytes:
        instance = self.opened()
        copy = instance.preserving.preserved.get(issued.number)
        instance.close()
        return copy

    def by_ledger(self, document: bytes) -> VerdictCode:
        instance = self.opened()
        found = online_verifier(instance, self.sandbox).verify(document)
        instance.close()
        return found.code

    def offline(self, document: bytes, trust: Path | None = None) -> tuple[VerdictCode, set[str]]:
        """What the list alone says."""
        verifier = lone_verifier(self.lone, self.sandbox, trust or self.published)
        found = verifier.verify(document, offline=True)
        return found.code, set(found.reasons)

    def by_command(self, document: bytes) -> VerdictCode:
        """`echt verify --offline --trust LIST`, in a process of its own."""
        file = self.folder / "asked.pdf"
        file.write_bytes(document)
        listed = ("--trust", str(self.published))
        said = json.loads(self.echt("verify", "--offline", *listed, str(file), "--json"))
        return VerdictCode(said["code"])

    def by_role(self, document: bytes) -> VerdictCode:
        """The public verifier: the list and nothing else."""
        lone = Instance(self.lone)
        site = serving.verifier_site(
            lone, lone_verifier(lone.settings, self.sandbox, self.published)
        )
        with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
            files = {"file": ("x.pdf", document, "application/pdf")}
            return VerdictCode(client.post("/api/v1/verifications", files=files).json()["code"])


@dataclass(frozen=True)
class Issued:
    """A document that left the house."""

    number: str
    document: bytes


@pytest.fixture(name="town")
def _town(tmp_path: Path, sandbox: Sandbox) -> Iterator[Town]:
    made = {
        "one": OpensslAuthority(tmp_path / "one", key=P256),
        "two": OpensslAuthority(tmp_path / "two", key=RSA, digest="sha512"),
    }
    town = Town(tmp_path, made, sandbox)
    with ExitStack() as stack:
        for name in made:
            town.urls[name] = stack.enter_context(listening(town.behaviour(name)))
        instance = town.opened()
        write(tmp_path / "people.jsonl", people=3, seed=7)
        import_lines(tmp_path / "people.jsonl", instance.writer)
        instance.keyring.make()
        instance.close()
        yield town


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def test_a_document_of_an_outside_authority_is_checkable_by_everybody_for_ever(town: Town) -> None:
    """pdf.md 3.5 and 3.7, 4.16: stamped by fail-over, checked three ways, parted by a loss."""
    unlisted = town.folder / "unlisted.json"
    unlisted.write_bytes(town.published.read_bytes())
    town.list_both()
    town.away = {"one"}
    plain, archival = town.issue(), town.issue(archival=True)

    for one in (plain, archival):
        assert town.by_ledger(one.document) is CURRENT
        assert town.offline(one.document)[0] is UNKNOWN
        assert town.by_role(one.document) is UNKNOWN
        assert town.offline(one.document, unlisted)[0] is CANNOT

    assert town.by_command(archival.document) is UNKNOWN

    town.away = {"two"}
    town.preserve()
    held = town.copy_of(plain)
    time.sleep(1.1)
    lost = now()
    town.away = {"one"}
    late = town.issue()
    town.away = {"two"}
    town.preserve()
    before = town.folder / "before.json"
    before.write_bytes(town.published.read_bytes())
    town.keys("authority", "state", "two", "compromised", "--since", moments.written(lost))

    # The other authority held it before the loss; what lasted by itself has no such witness.
    assert town.offline(held)[0] is UNKNOWN
    for document in (plain.document, archival.document, late.document, town.copy_of(late)):
        code, reasons = town.offline(document)
        assert code is CANNOT
        assert "time_stamp_key_not_trusted" in reasons
    assert town.by_ledger(plain.document) is CURRENT

    verifier = lone_verifier(town.lone, town.sandbox, town.published)
    assert verifier.verify(held).code is UNKNOWN
    town.published.write_bytes(before.read_bytes())
    rolled = verifier.verify(late.document)
    assert rolled.code is CANNOT, "the list of before the loss is not taken again"


def test_an_issuer_asks_only_authorities_that_are_published(town: Town) -> None:
    """pdf.md 3.2: never a document that nobody can check; it waits, and the reason says why."""
    with pytest.raises(SealingPaused):
        town.issue()
    instance = town.opened()
    with pytest.raises(TimestampUnavailable, match="not on the published trust list"):
        instance.keyring.timestamper.stamp(bytes(32))
    instance.close()

    town.keys(
        *("authority", "add", "one", "--certificates", str(town.certificate("one"))),
        *("--policy", POLICY),
    )
    started = town.opened()
    started.keyring.timestamper.stamp(bytes(32))
    assert set(started.keyring.timestamper.certificates) == set(
        town.authorities["one"].certificates
    )
    town.keys("authority", "state", "one", "ended", "--since", moments.written(now()))

    with pytest.raises(TimestampUnavailable, match="does not count at present"):
        started.keyring.timestamper.stamp(bytes(32))
    started.close()
