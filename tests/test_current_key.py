"""A running issuer goes over to the key that the book offers, and says why it is paused."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
import structlog

from credentials.errors import ArchiveUnavailable, SealingPaused
from credentials.extract import Language, Purpose
from keys import hierarchy, publishing
from keys.errors import KeyUnavailable
from keys.trust import KeyState
from register.importing import import_lines
from register.synthetic.generate import write
from register.synthetic.personas import PERSONAS
from settings import Settings
from web import logs
from wiring import Instance


@dataclass
class Running:
    """One service that is never restarted, on a clock of our own."""

    instance: Instance
    log: io.StringIO
    now: list[datetime]
    issued: list[str] = field(default_factory=list)

    def issue(self, award: int) -> str:
        """Seal an extract; which key did."""
        record = self.instance.register.awards_of(PERSONAS[award].person_id)[0]
        made = self.instance.downloads.extract(record, Language.EN, Purpose.GENERAL)
        entry = self.instance.ledger.by_number(made.number)
        assert entry is not None
        return entry.intent.key.kid

    def events(self, name: str) -> list[dict[str, str]]:
        """What was logged under this name."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        return [line for line in lines if line["event"] == name]

    def change(self, kid: str, state: KeyState) -> None:
        """As `echt keys state` does in another process."""
        publishing.change_state(self.instance.keys_folder, kid, state, at=self.now[0])


@pytest.fixture(name="running")
def _running(tmp_path: Path) -> Iterator[Running]:
    now, log = [datetime.now(UTC).replace(microsecond=0)], io.StringIO()
    instance = Instance(Settings(home=tmp_path), lambda: now[0])
    write(tmp_path / "people.jsonl", people=5, seed=1)
    import_lines(tmp_path / "people.jsonl", instance.writer)
    instance.keyring.make()
    logs.configure(log)
    yield Running(instance, log, now)
    structlog.reset_defaults()
    instance.close()


def test_a_running_issuer_seals_with_the_new_key_after_a_rotation(running: Running) -> None:
    first = running.issue(0)
    second = hierarchy.announce(running.instance.keys_folder, "seal", now=running.now[0])
    assert running.issue(1) == first
    running.now[0] += timedelta(days=31)

    running.change(second, KeyState.ACTIVE)

    running.instance.check_sealing()
    assert running.issue(2) == second
    running.now[0] += timedelta(days=2)
    assert running.issue(3) == second
    assert running.events("sealing-paused") == []


def test_a_compromised_key_is_told_once_and_the_next_one_ends_the_pause(running: Running) -> None:
    first = running.issue(0)
    second = hierarchy.announce(running.instance.keys_folder, "seal", now=running.now[0])
    running.now[0] += timedelta(days=31)
    running.change(first, KeyState.COMPROMISED)

    for award in (1, 2):
        with pytest.raises(SealingPaused):
            running.issue(award)
        with pytest.raises(KeyUnavailable):
            running.instance.check_sealing()

    (told,) = running.events("sealing-paused")
    assert (told["kind"], told["key"]) == (KeyUnavailable.kind, first)
    assert first not in {told[name] for name in told if name != "key"}

    running.change(second, KeyState.ACTIVE)

    running.instance.check_sealing()
    assert running.issue(1) == second
    assert len(running.events("sealing-resumed")) == 1


def test_a_token_that_was_pulled_out_is_told_in_our_words_and_so_is_its_end(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own error stands behind ours; whoever waits for the end looks for ours."""
    running.issue(0)
    held = running.instance.sealer._held

    def pulled(_self: object, _digest: bytes) -> bytes:
        raise KeyUnavailable("The token is out of reach.") from OSError("CKR_DEVICE_REMOVED")

    with monkeypatch.context() as away:
        away.setattr(type(held), "sign_digest", pulled)
        with pytest.raises(KeyUnavailable):
            running.instance.check_sealing()
    running.instance.check_sealing()

    (paused,), resumed = running.events("sealing-paused"), running.events("sealing-resumed")
    assert paused["kind"] == KeyUnavailable.kind
    assert len(resumed) == 1


def test_a_store_out_of_reach_is_told_as_such(running: Running) -> None:
    """To the holder sealing is paused; the log and the check name the store."""
    running.instance.check_archive()
    vars(running.instance)["archive"] = Away()

    with pytest.raises(SealingPaused):
        running.issue(0)
    with pytest.raises(ArchiveUnavailable):
        running.instance.check_archive()

    (told,) = running.events("archive-out-of-reach")
    assert told["kind"] == ArchiveUnavailable.kind
    assert running.events("sealing-paused") == []


class Away:
    """A store behind a broken line."""

    def _away(self, *_: object) -> NoReturn:
        raise ArchiveUnavailable("Documents cannot be stored or fetched right now.")

    put = put_all = get = remove = _away

    def discard(self, number: str) -> None:
        """Nothing was begun."""
