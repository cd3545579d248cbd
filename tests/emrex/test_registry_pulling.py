"""The promise under test: a bad answer never takes the place of the last good one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from emrex.registry.fetching import Fetched, HttpFetch, Marks, refused
from emrex.registry.keeping import Shelf
from emrex.registry.pulling import AGAIN, Pace, Registries
from emrex.registry.reading import MAX_JSON, MAX_PROVIDERS, providers
from tests.emrex.conftest import NOW, Desk
from tests.emrex.registries import FINLAND, NORWAY, Shop, catalogue, emreg, open_shop
from tests.judges import ROOT

EWP, EMREG = "https://ewp.example.eu/catalogue.xml", "https://emreg.example.eu/list.json"
PACE = Pace(every=timedelta(hours=1), fresh=timedelta(hours=24))


@dataclass
class Web:
    """Registries of which a test decides what they say; a fetch from memory."""

    files: dict[str, bytes] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def __call__(self, address: str, marks: Marks) -> Fetched | None:
        self.asked.append(address)
        if address in self.away:
            raise refused("away")
        body = self.files[address]
        etag = f'"{hash(body)}"'
        return None if marks.etag == etag else Fetched(body, Marks(etag))


@dataclass
class World:
    """Two registries, a clock, and a folder that outlives the process."""

    folder: Path
    web: Web
    now: datetime = NOW

    def start(self) -> Registries:
        return Registries((EWP, EMREG), Shelf(self.folder), self.web, PACE, lambda: self.now)


@pytest.fixture(name="world")
def _world(tmp_path: Path, desk: Desk) -> World:
    files = {
        EWP: catalogue((FINLAND, desk.signer.chain[:1])),
        EMREG: emreg((FINLAND, desk.stranger.chain[:1]), (NORWAY, desk.stranger.chain[:1])),
    }
    return World(tmp_path / "registry", Web(files))


def urls(registries: Registries) -> list[str]:
    return [one.url for one in registries.providers]


def test_both_forms_are_one_list(world: World, desk: Desk) -> None:
    """emrex.md 2.1, 4.79, 4.80: the first registry names, certificates of all are kept."""
    registries = world.start()
    assert (registries.providers, registries.as_of, registries.warning) == ((), None, "missing")

    registries.pull()

    assert urls(registries) == [FINLAND, NORWAY]
    both = (desk.signer.chain[0], desk.stranger.chain[0])
    assert registries.providers[0].certificates == both
    assert (registries.as_of, registries.warning) == (NOW, "")


def test_each_is_asked_when_it_is_due_and_not_before(world: World) -> None:
    registries = world.start()
    registries.pull()
    world.now += PACE.every - timedelta(seconds=1)
    registries.pull()
    assert world.web.asked == [EWP, EMREG]

    world.now += timedelta(seconds=1)
    registries.pull()

    assert world.web.asked == [EWP, EMREG] * 2
    assert registries.as_of == world.now


def test_one_that_is_away_is_left_alone_for_a_while_and_holds_up_no_other(world: World) -> None:
    world.web.away = {EWP}
    registries = world.start()
    registries.pull()
    registries.pull()
    assert world.web.asked == [EWP, EMREG]
    assert urls(registries) == [FINLAND, NORWAY]
    assert registries.warning == "missing"

    world.now += AGAIN
    world.web.away = set()
    registries.pull()

    assert world.web.asked == [EWP, EMREG, EWP]
    assert registries.warning == ""


def bad_files(desk: Desk) -> dict[str, bytes]:
    certificates = desk.signer.chain[:1]
    good = catalogue((NORWAY, certificates))
    return {
        "nothing": b"",
        "html": b"<!doctype html><title>Sign in</title>",
        "doctype": b"<!DOCTYPE catalogue [<!ENTITY a 'b'>]>" + good,
        "entity": good.replace(b"<host>", b"<host>&a;"),
        "billion": b"<!DOCTYPE c [<!ENTITY a '" + b"x" * 99 + b"'>]><c>" + b"&a;" * 99 + b"</c>",
        "cut": good[:-20],
        "two roots": good * 2,
        "deep": b"<a>" * 5_000 + b"</a>" * 5_000,
        "wide": b"<a>" + b"<a/>" * 1_100_000 + b"</a>",
        "attributes": b"<a>" + b"<a b='' c='' d='' e='' f='' g=''/>" * 200_000 + b"</a>",
        "utf-16": good.decode().encode("utf-16"),
        "no providers": catalogue(),
        "no certificates": catalogue((NORWAY, ())),
        "deep json": b"[" * 500_000,
        "deep json object": b'{"countries":' * 100_000,
        "wide json": b'{"countries": [], "emps": [' + b"[]," * MAX_JSON,
        "digits": b'{"countries": [], "emps": ' + b"9" * 100_000 + b"}",
        "no list": b'{"countries": [], "emps": null}',
        "a list": b"[1, 2]",
        "text": b'"emps"',
        "strange providers": json.dumps({"countries": [], "emps": [1, None, [], {}]}).encode(),
        "too many": catalogue(*((f"{NORWAY}/{one}", ()) for one in range(MAX_PROVIDERS + 1))),
    }


def test_a_bad_answer_never_takes_the_place_of_the_last_good_one(world: World, desk: Desk) -> None:
    """emrex.md 3.7 and 4.82: refused, the old list in use, and so after a restart."""
    registries = world.start()
    registries.pull()
    good = registries.providers
    for name, body in bad_files(desk).items():
        world.now += PACE.every
        world.web.files = dict.fromkeys((EWP, EMREG), body)
        registries.pull()

        assert registries.providers == good, name
        assert registries.as_of == NOW, name
        assert world.start().providers == good, name


MEASURE = """
import resource, sys
from emrex.errors import RegistryRefused
from emrex.registry.reading import providers
body = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    providers(body)
except RegistryRefused as refused:
    print(refused.reason, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wide", "attributes", "deep json", "wide json"])
def test_a_list_without_measure_takes_little_room(desk: Desk, name: str) -> None:
    """A registry is somebody else's server: it may fail us, and not fill us."""
    command = [sys.executable, "-c", MEASURE]
    done = subprocess.run(
        command, input=bad_files(desk)[name], capture_output=True, check=True, cwd=ROOT
    )

    reason, kilobytes = done.stdout.split()
    assert reason
    assert int(kilobytes) < 64 * 1024


def test_what_is_wrong_of_one_provider_costs_no_other(desk: Desk) -> None:
    """emrex.md 3.7: passed over, or listed without a certificate."""
    listed = json.loads(emreg((FINLAND, desk.signer.chain[:1])))
    strange = [
        {"acronym": "x"},
        None,
        {**listed["emps"][0], "countryCode": []},
        {**listed["emps"][0], "institutions": 5},
        {**listed["emps"][0], "url": NORWAY, "pubKey": "\ud800"},
    ]
    listed["emps"] = [*strange, *listed["emps"]]

    found = {one.url: one for one in providers(json.dumps(listed).encode())}

    assert set(found) == {NORWAY, FINLAND}
    assert found[NORWAY].certificates == ()
    assert found[FINLAND].certificates == desk.signer.chain[:1]


def test_comments_and_everything_else_in_a_catalogue_are_passed_over(desk: Desk) -> None:
    more = "<!-- made by hand --><?style no?>" + "<hei><name>x</name></hei>" * 60_000
    (one,) = providers(catalogue((FINLAND, desk.signer.chain[:1]), name="F<!-- -->I", more=more))

    assert (one.name, one.url) == ("FI", FINLAND)


@pytest.mark.parametrize("form", [catalogue, emreg])
def test_no_letter_in_a_name_turns_a_page_around(desk: Desk, form: Callable[..., bytes]) -> None:
    name = "Uni\u202e of\u200b\u2066 \t Oulu\ud800" if form is emreg else "Uni\u202e of\u200b  Oulu"
    (one,) = providers(form((FINLAND, desk.signer.chain[:1]), name=name))

    assert one.name == "Uni of Oulu"


def test_an_outage_is_told_and_the_list_stays(world: World) -> None:
    """emrex.md 4.82: stale, with its age; over a restart too."""
    world.start().pull()
    world.web.away = {EWP, EMREG}
    world.now += PACE.fresh + timedelta(seconds=1)

    registries = world.start()
    registries.pull()

    assert urls(registries) == [FINLAND, NORWAY]
    assert (registries.as_of, registries.warning) == (NOW, "stale")
    world.web.away, world.now = set(), world.now + AGAIN
    registries.pull()
    assert registries.warning == ""


def test_after_a_restart_nobody_is_asked_too_early(world: World) -> None:
    world.start().pull()
    world.now += timedelta(minutes=10)

    world.start().pull()

    assert len(world.web.asked) == 2


def test_a_clock_that_was_ahead_keeps_nobody_from_asking(world: World) -> None:
    world.now += timedelta(days=400)
    world.start().pull()
    world.now = NOW

    registries = world.start()
    world.now += PACE.every
    registries.pull()

    assert registries.as_of == world.now


def test_each_outage_is_logged_once_and_its_end(world: World) -> None:
    registries = world.start()
    with capture_logs() as logs:
        for away in ({EWP}, {EWP}, set()):
            world.web.away = away
            registries.pull()
            world.now += PACE.every

    told = [(one["event"], one["authority"], one.get("kind")) for one in logs]
    host = "ewp.example.eu"
    assert told == [("registry-not-taken", host, "away"), ("registry-answers", host, None)]


def test_a_disk_that_refuses_leaves_the_last_good_list_in_use(world: World, desk: Desk) -> None:
    registries = world.start()
    registries.pull()
    good = registries.providers
    for file in world.folder.iterdir():
        file.unlink()
    world.folder.rmdir()
    world.folder.write_text("not a folder")
    world.now += PACE.every
    world.web.files[EWP] = catalogue((NORWAY, desk.signer.chain[:1]))

    with pytest.raises(OSError, match="registry"):
        registries.pull()

    assert registries.providers == good


def test_over_http_the_same_file_is_not_sent_twice(tmp_path: Path, desk: Desk) -> None:
    body = emreg((FINLAND, desk.signer.chain[:1]))
    now = [NOW]
    with open_shop(Shop(body)) as shop:
        registries = Registries((shop.address,), Shelf(tmp_path), HttpFetch(), PACE, lambda: now[0])
        registries.pull()
        now[0] += PACE.every
        registries.pull()
        assert registries.as_of == now[0]
        shop.status, shop.etag = 404, ""
        now[0] += PACE.every
        registries.pull()

    assert [one.get("If-None-Match") for one in shop.asked] == [None, '"v1"', '"v1"']
    assert urls(registries) == [FINLAND]
