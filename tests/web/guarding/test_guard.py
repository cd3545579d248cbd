"""The guard before the site: checklist verifier.md 4.28, and what stays open whatever happens."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.web.guarding.test_work import House, solved
from tests.web.shell import PUBLIC_URL, Clock, build_app
from web.guarding.allowances import Allowance
from web.guarding.guard import Guarding, Rule, parts
from web.guarding.switches import LOOK_EVERY, Switches

RULES = (
    Rule("check", "POST", ("/api/v1/orders",), Allowance(3, 60), costs_work=True),
    Rule("look", "GET", ("/api/v1/{rest:path}",), Allowance(5, 60)),
)
ORDER = {"number": 1, "colour": "blue"}


class Site:
    """The shell with a guard, its clocks, and a visitor from a given address."""

    def __init__(self, folder: Path, unlimited: str = "") -> None:
        self.house = House(load=0.0)
        self.seconds = 0.0
        self.switches = Switches(folder, parts(RULES), lambda: self.seconds)
        guarding = Guarding(
            RULES,
            self.switches,
            self.house.work,
            lambda: self.seconds,
            (ip_network(unlimited),) if unlimited else (),
        )
        self.app: FastAPI = build_app(Clock(), guarding=guarding)

    def visitor(self, address: str = "192.0.2.1") -> TestClient:
        return TestClient(
            self.app, base_url=PUBLIC_URL, client=(address, 5), raise_server_exceptions=False
        )


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Site:
    return Site(tmp_path / "closed")


def test_too_many_at_once_are_told_when_to_come_back(site: Site) -> None:
    visitor = site.visitor()
    answers = [visitor.post("/api/v1/orders", json=ORDER) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"].endswith("/problems/too-many-requests")
    site.seconds += int(refused.headers["retry-after"])
    assert visitor.post("/api/v1/orders", json=ORDER).status_code == 200
    assert site.visitor("192.0.2.2").post("/api/v1/orders", json=ORDER).status_code == 200


def test_a_client_that_is_never_counted(tmp_path: Path) -> None:
    visitor = Site(tmp_path, unlimited="192.0.2.0/24").visitor()
    found = {visitor.post("/api/v1/orders", json=ORDER).status_code for _ in range(9)}
    assert found == {200}


def test_a_head_request_is_counted_as_what_it_asks(site: Site) -> None:
    visitor = site.visitor()
    for _ in range(5):
        visitor.head("/api/v1/nothing")
    assert visitor.get("/api/v1/nothing").status_code == 429


def test_work_is_asked_when_the_house_is_full_and_taken_once(site: Site) -> None:
    site.house.load = 0.5
    visitor = site.visitor()
    asked = visitor.post("/api/v1/orders", json=ORDER)
    assert asked.status_code == 429
    assert asked.json()["type"].endswith("/problems/work-needed")
    answer = solved(asked.headers["echt-challenge"], site.house.work.bits)
    done = {"Echt-Work": answer}
    assert visitor.post("/api/v1/orders", json=ORDER, headers=done).status_code == 200
    assert visitor.post("/api/v1/orders", json=ORDER, headers=done).status_code == 429


def test_a_page_pays_by_cookie(site: Site) -> None:
    site.house.load = 0.5
    visitor = site.visitor()
    price = visitor.get("/api/v1/challenges").json()
    visitor.cookies.set("echt-work", solved(price["challenge"], price["bits"]))
    paid = visitor.post("/api/v1/orders", json=ORDER, headers={"Sec-Fetch-Site": "same-origin"})
    assert paid.status_code == 200


def test_nothing_is_asked_when_there_is_room(site: Site) -> None:
    assert site.visitor().get("/api/v1/challenges").json() == {"bits": 0, "challenge": None}


def test_a_closed_part_says_so_and_the_rest_stays_open(site: Site) -> None:
    site.switches.close("check")
    site.seconds += LOOK_EVERY
    closed = site.visitor().post("/api/v1/orders", json=ORDER)
    assert closed.status_code == 503
    assert closed.json()["type"].endswith("/problems/part-closed")
    assert site.visitor().get("/api/v1/challenges").status_code == 200
    assert site.visitor().get("/en/contact").status_code == 200


def test_nobody_is_refused_by_what_they_ask(site: Site) -> None:
    """The guard answers before the body is read: a refused body cannot matter."""
    visitor = site.visitor()
    for _ in range(3):
        visitor.post("/api/v1/orders", json=ORDER)
    first, second = (visitor.post("/api/v1/orders", content=body) for body in (b"", b"x" * 100_000))
    told = [{**answer.json(), "instance": ""} for answer in (first, second)]
    assert told[0] == told[1]
