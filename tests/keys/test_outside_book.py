"""The promise under test: what is said of an outside authority stays said, by whom it must be."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keys import hierarchy, outside_book, publishing, trust
from keys.ceremony.audit import audit
from keys.commands import commands
from keys.errors import (
    CeremonyInvalid,
    CeremonyRefused,
    KeyUnavailable,
    StateRefused,
    TranscriptInvalid,
    TrustListInvalid,
)
from keys.newest import Newest
from keys.outside import OutsideAuthority, compromised, ended, with_word
from tests.keys.ceremony_room import START, Room, listed
from tests.keys.conftest import NOW as READ_AT
from tests.keys.openssl_authority import POLICY, OpensslAuthority

NOW = READ_AT.replace(microsecond=0)
"""What is stated is stated in whole seconds."""


@pytest.fixture(scope="module", name="tsa")
def _tsa(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    return OpensslAuthority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(name="outside")
def _outside(tsa: OpensslAuthority) -> OutsideAuthority:
    return OutsideAuthority("tsa-one", POLICY, tsa.certificates, NOW - timedelta(days=2))


def published(folder: Path) -> trust.TrustList:
    publishing.publish(folder, hierarchy.open_signer(folder, "trust"), now=NOW)
    return trust.read((folder / publishing.LIST).read_bytes(), now=NOW)


def test_an_end_can_only_be_moved_back(outside: OutsideAuthority) -> None:
    stopped = ended(outside, NOW)
    lost = compromised(stopped, NOW - timedelta(days=1))

    assert with_word((outside,), stopped) == (stopped,)
    assert with_word((stopped,), lost) == (lost,)
    assert lost.could_sign(NOW - timedelta(days=1, seconds=1))
    assert not lost.could_sign(NOW - timedelta(days=1))
    for taken_back in (outside, stopped, lost):
        with pytest.raises(StateRefused):
            with_word((lost,), taken_back)
    with pytest.raises(StateRefused):
        ended(stopped, NOW + timedelta(days=1))
    with pytest.raises(StateRefused):
        ended(outside, outside.since - timedelta(seconds=1))


def test_the_list_says_what_the_folder_says(folder: Path, outside: OutsideAuthority) -> None:
    outside_book.record(folder, outside)
    stopped = ended(outside, NOW - timedelta(days=1))
    outside_book.record(folder, stopped)

    assert published(folder).authorities == (stopped,)
    assert published(folder).stamper(outside.certificates[0]) == stopped
    assert published(folder).by_certificate(outside.certificates[0]) is None


@pytest.mark.parametrize("lost", ["0001.json", "0002.json"])
def test_a_folder_that_lost_a_word_publishes_nothing(
    folder: Path, outside: OutsideAuthority, lost: str
) -> None:
    """The first leaves a gap; without the last, the list that is out says more than the folder."""
    outside_book.record(folder, outside)
    outside_book.record(folder, ended(outside, NOW))
    published(folder)
    (folder / outside_book.FOLDER / lost).unlink()

    with pytest.raises((KeyUnavailable, TrustListInvalid), match="backup"):
        published(folder)


def test_a_reader_takes_no_list_that_forgets_an_authority(
    folder: Path, outside: OutsideAuthority
) -> None:
    outside_book.record(folder, outside)
    published(folder)
    first = (folder / publishing.LIST).read_bytes()
    (folder / outside_book.FOLDER / "0001.json").unlink()
    (folder / publishing.LIST).unlink()
    published(folder)
    lists = [first, (folder / publishing.LIST).read_bytes()]
    newest = Newest(lambda: lists[0], clock=lambda: NOW)

    assert newest() == first
    lists.pop(0)
    assert newest() is None


def test_a_certificate_for_more_than_time_stamps_is_refused(folder: Path) -> None:
    seal = hierarchy.open_signer(folder, "seal").key.kid
    app = commands(lambda: folder, clock=lambda: NOW)
    words = ["authority", "add", "our-seal", "--policy", POLICY]

    done = CliRunner().invoke(app, [*words, "--certificates", str(folder / f"{seal}.pem")])

    assert done.exit_code == 1
    assert "time-stamps only" in done.stderr
    assert outside_book.load(folder) == ()


def test_the_commands_add_and_end_and_show(folder: Path, tsa: OpensslAuthority) -> None:
    app = commands(lambda: folder, clock=lambda: NOW)
    file = tsa.certificate_file
    add = ["authority", "add", "tsa-one", "--certificates", str(file), "--policy", POLICY]
    end = ["authority", "state", "tsa-one", "compromised", "--since", "2026-11-21T12:00:00Z"]

    codes = [CliRunner().invoke(app, words).exit_code for words in (add, add, end, end)]
    shown = CliRunner().invoke(app, ["authority", "list", "--json"]).stdout

    assert codes == [0, 1, 0, 1]
    assert json.loads(shown)["compromisedSince"] == "2026-11-21T12:00:00Z"
    assert published(folder).authorities[0].compromised_since is not None


def plan(room: Room, tsa: OpensslAuthority, kind: str, **fields: str) -> Path:
    lines = {"ceremony": f"{kind}-{len(fields)}", "date": str(room.now.date()), "kind": kind}
    text = "".join(f"{name}: {value}\n" for name, value in (lines | fields).items())
    if kind == "authority":
        pem = tsa.certificate_file.read_text().strip().replace("\n", "\n  ")
        text += f"policy: {POLICY}\ncertificates: |\n  {pem}\n"
    return room.approve(room.write(text), "anna", "bram")


def test_where_a_ceremony_made_the_keys_two_people_add_an_authority(
    room: Room, tsa: OpensslAuthority
) -> None:
    """platform.md 3.11; the audit proves each from the plans."""
    since = "2026-11-22T08:00:00Z"
    room.ceremonies.hold(plan(room, tsa, "authority", name="tsa-one", since=since))
    room.ceremonies.hold(plan(room, tsa, "authority-end", name="tsa-one", since=since))

    known = outside_book.load(room.keys)
    assert listed(room).authorities == known
    assert [(one.name, one.until) for one in known] == [("tsa-one", START.replace(hour=8))]
    assert len(audit(room.keys)) == 3
    with pytest.raises(CeremonyRefused, match="by ceremony only"):
        outside_book.record(room.keys, compromised(known[0], START))

    file = room.keys / outside_book.FOLDER / "0003.json"
    file.write_text((file.with_name("0002.json")).read_text().replace("T08", "T07", 2))
    with pytest.raises((TranscriptInvalid, KeyUnavailable)):
        audit(room.keys)


def test_a_plan_for_the_future_or_of_another_certificate_is_refused(
    room: Room, tsa: OpensslAuthority
) -> None:
    late = plan(room, tsa, "authority", name="tsa-one", since="2027-01-01T00:00:00Z")
    with pytest.raises(CeremonyRefused, match="future"):
        room.ceremonies.hold(late)

    seal = hierarchy.open_signer(room.keys, "seal").key.kid
    text = late.read_text().split("certificates")[0]
    pem = (room.keys / f"{seal}.pem").read_text().strip().replace("\n", "\n  ")
    wrong = room.approve(room.write(f"{text}certificates: |\n  {pem}\n"), "anna", "bram")
    with pytest.raises(CeremonyInvalid, match="time-stamps only"):
        room.ceremonies.hold(wrong)
    assert outside_book.load(room.keys) == ()
