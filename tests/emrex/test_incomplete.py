"""A diploma that lacks a word every document must have: told at the choice, before the yes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.elmo.saying import can_say
from emrex.simulating import Simulation, boxes
from emrex_wiring import trusted_by
from keys.hierarchy import utc_now
from register.importing import import_lines
from register.records import AwardRecord, Result, Text
from tests.credentials.people import PEOPLE, extract
from tests.emrex.conftest import NOW
from tests.house import BASE, HERE, SAME_ORIGIN, furnish
from verifier.sandbox import Sandbox
from web.i18n import Language, translations, translator
from wiring import Instance

BLANK = Text((("nl", " "),))
REASON = "A word is missing in the register, so it cannot be shared. Ask your school to add it."
LINES = (
    {"format": "echt-register", "version": 1},
    {
        "type": "programme",
        "code": "HAVO",
        "scheme": "vo",
        "sector": "vo",
        "title": {"nl": " "},
        "nlqf": "4",
        "eqf": 4,
    },
)


def with_results(record: AwardRecord, *results: Result) -> AwardRecord:
    return replace(record, award=replace(record.award, results=results))


def test_whatever_is_blank_is_found_before_the_yes() -> None:
    """emrex.md 4.47: title, profile, subject and level; marks stand in words of our own."""
    whole = extract("vwo").record
    subject = Result(Text((("nl", "wiskunde"),)))
    assert can_say(with_results(whole, subject, replace(subject, final=" ")), NOW)

    for broken in (
        replace(whole, programme=replace(whole.programme, title=BLANK)),
        replace(whole, award=replace(whole.award, profile=BLANK)),
        with_results(whole, subject, replace(subject, subject=BLANK)),
        with_results(whole, replace(subject, level=" ")),
    ):
        assert not can_say(broken, NOW)


@pytest.mark.parametrize("name", PEOPLE)
def test_the_hardest_people_can_be_said(name: str) -> None:
    """emrex.md 4.49."""
    assert can_say(extract(name).record, NOW)


@pytest.fixture(name="instance", scope="module")
def _instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """A house of its own, whose register lost a title."""
    folder = tmp_path_factory.mktemp("incomplete")
    instance = furnish(folder)
    file = Path(folder / "blank.jsonl")
    file.write_text("\n".join(map(json.dumps, LINES)))
    import_lines(file, instance.writer)
    yield instance
    instance.close()


@pytest.fixture(name="browser", scope="module")
def _browser(instance: Instance) -> Iterator[TestClient]:
    with Sandbox(size=1) as room:
        whole = serving.whole_site(instance, online_verifier(instance, room))
        with TestClient(whole, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as browser:
            yield browser


@pytest.mark.parametrize("lang", list(Language))
def test_the_choice_says_what_cannot_be_shared_and_why(browser: TestClient, lang: Language) -> None:
    """emrex.md 4.21, 4.47: the other diploma goes, and nothing fails after the yes."""
    walk = Simulation(browser, "", utc_now)
    choosing = walk.send(walk.begin(lang=lang), "/login", choice="nurse")

    assert choosing.text.count(translator(translations(), lang)(REASON)) == 1
    assert len(boxes(choosing.text, "/selection")["record"]) == 1


def test_what_can_be_said_is_sent(browser: TestClient, instance: Instance) -> None:
    """emrex.md 4.18, 4.47: also where the client asks for everything."""
    for wishes in ({}, {"allowToPickLOIs": "false"}):
        outcome = Simulation(browser, "", utc_now).run("nurse", trusted_by(instance), **wishes)
        assert (outcome.code, outcome.signature) == ("NCP_OK", "valid")
        assert outcome.document.count(b"data:application/pdf;base64,") == 1
