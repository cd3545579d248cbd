"""A database that takes connections and never answers: the holder is not kept waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.exchange.request import INIT
from emrex.simulating import boxes
from tests.contracts.postgres import running_postgres
from tests.emrex.test_away import PATIENCE, RETURN, STEPS, URL, Site, is_the_answer
from tests.house import HERE, furnish
from tests.silence import Relay, relaying
from verifier.sandbox import Sandbox

pytestmark = pytest.mark.slow


@pytest.fixture(name="relay", scope="module")
def _relay() -> Iterator[Relay]:
    with running_postgres() as server, relaying(server.folder / ".s.PGSQL.5432") as relay:
        yield relay


@pytest.fixture(name="site", scope="module")
def _site(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    address = f"postgresql+psycopg://echt@127.0.0.1:{relay.port}/postgres"
    instance = furnish(tmp_path_factory.mktemp("silent"), 1, address)
    with Sandbox(size=1) as room:
        site = serving.whole_site(instance, online_verifier(instance, room))
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        with TestClient(
            site, base_url=URL, headers=headers, raise_server_exceptions=False, client=HERE
        ) as client:
            yield Site(instance, client)
    instance.close()


@pytest.mark.parametrize("step", STEPS)
def test_a_database_that_falls_silent_keeps_nobody_waiting(
    site: Site, relay: Relay, step: str
) -> None:
    """emrex.md 4.36: within five seconds, whichever step is taken."""
    walk = site.walk()
    reached, action = STEPS[step]
    page = reached(walk)
    relay.is_silent.set()
    start = time.monotonic()
    try:
        answer = walk.send(page, action, **boxes(page.text, action))
    finally:
        relay.is_silent.clear()
    took = time.monotonic() - start

    is_the_answer(answer, walk.session_id)
    assert took < PATIENCE


def test_a_transfer_that_cannot_begin_is_answered_in_time(site: Site, relay: Relay) -> None:
    """emrex.md 4.36."""
    form = {"sessionId": "s-1", "returnUrl": RETURN}
    relay.is_silent.set()
    start = time.monotonic()
    try:
        answer = site.client.post(INIT, data=form, headers={"Sec-Fetch-Site": "cross-site"})
    finally:
        relay.is_silent.clear()

    is_the_answer(answer, "s-1")
    assert time.monotonic() - start < PATIENCE
