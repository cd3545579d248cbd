"""EMREX 2.0 in a real browser: away from a client, through our pages, and back with a code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jwk import RSAKey
from jwcrypto.jwk import JWKSet
from playwright.sync_api import Browser

from tests.commands import ECHT, free_port, running, wait_until_ready
from tests.emrex.two.outside import Emc, verified
from tests.house import furnish
from tests.journeys.conftest import a_visit
from tests.journeys.emrex_holder import log_in
from tests.listening import answering, show

pytestmark = [pytest.mark.journey, pytest.mark.slow]


class Back(BaseHTTPRequestHandler):
    """The client's page, where the browser comes back."""

    came: list[str]

    def do_GET(self) -> None:
        """Take note of the address."""
        if self.path.startswith("/back"):
            self.came.append(self.path)
        show(self, b"<title>Welcome back</title>")


@contextmanager
def listening() -> Iterator[tuple[Emc, list[str]]]:
    """A client, and the addresses at which its browser came back."""
    came: list[str] = []
    handler = type("OneClient", (Back,), {"came": came})
    with answering(handler) as port:
        address = f"http://127.0.0.1:{port}/back?a=b"
        yield Emc("emc-nl-uva", address, RSAKey.generate_key(2048)), came


@pytest.mark.parametrize("script", [True, False])
def test_a_browser_brings_a_code_back(chromium: Browser, tmp_path: Path, *, script: bool) -> None:
    """emrex.md 4.26: with and without scripts; our policy for forms holds nobody up."""
    furnish(tmp_path, people=1).close()
    port, clients = free_port(), tmp_path / "clients.json"
    with listening() as (emc, came):
        clients.write_text(json.dumps([emc.entry]))
        settings = {"ECHT_HOME": str(tmp_path), "ECHT_EMREX2__CLIENTS_FILE": str(clients)}
        words = ("serve", "--port", str(port))
        with running(ECHT, *words, log=tmp_path / "log", **settings) as process:
            emc.base = f"http://127.0.0.1:{port}"
            wait_until_ready(process, emc.base)
            with httpx2.Client() as outside:
                emc.site = outside
                _walk(chromium, emc, script=script)
                told = {name: one[0] for name, one in parse_qs(urlsplit(came[0]).query).items()}
                answer = emc.results(emc.grant(told["code"])["access_token"])
                verified(answer, JWKSet.from_json(outside.get(f"{emc.base}/jwks.json").text))

    assert len(came) == 1
    assert (told["a"], told["state"], told["iss"]) == ("b", emc.state, emc.base)


def _walk(chromium: Browser, emc: Emc, *, script: bool) -> None:
    with a_visit(chromium, java_script_enabled=script) as visit:
        page = visit.new_page()
        page.goto(emc.address(ui_locales="en"))
        assert page.get_by_text("University emc-nl-uva").first.is_visible()
        log_in(page, "vwo")
        page.locator("input[name=record]").first.check()
        page.locator("form[action$='/selection'] button").first.click()
        page.locator("input[name=yes]").check()
        page.locator("form[action$='/consent'] button").first.click()
        page.wait_for_url(emc.redirect_uri + "&*")
        assert page.title() == "Welcome back"
