"""The time-stamping authority goes away and comes back, seen by holders in a real browser.

pdf.md 3.2 and 3.5, platform.md 4.2 D3: a queue and an honest page, never a weaker seal.
"""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from keys import hierarchy
from keys.timestamps import EmbeddedAuthority
from register.importing import import_lines
from register.synthetic.personas import PERSONAS
from tests import judges
from tests.commands import free_port, running, wait_until_ready
from tests.house import furnish
from tests.journeys.test_main_job import check, judged_by_axe, nothing
from wiring import Instance

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

PATIENCE_SECONDS = 300
SCRIPT = judges.ROOT / "tests" / "journeys" / "stamped.py"
WORDS = {
    "nl": ("Uw uittreksel staat in de wachtrij", "Uw uittreksel is klaar"),
    "en": ("Your extract is queued", "Your extract is ready"),
    "de": ("Ihr Auszug steht in der Warteschlange", "Ihr Auszug ist fertig"),
}
GENUINE = {"nl": "Echt en actueel", "en": "Genuine and up to date", "de": "Echt und aktuell"}
Look = Callable[[Page], None]


class Authority:
    """An RFC 3161 authority on a fixed port that can be stopped and started."""

    def __init__(self, clerk: EmbeddedAuthority) -> None:
        self.port = free_port()
        self._clerk = clerk
        self._server: http.server.ThreadingHTTPServer | None = None

    def start(self) -> None:
        clerk = self._clerk

        class Desk(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                answer = clerk.respond(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Desk)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@dataclass
class Paused:
    """A service process, its data, and the authority it depends on."""

    address: str
    instance: Instance
    authority: Authority

    def withdraw_diploma_of(self, persona: str) -> None:
        person = next(one.person_id for one in PERSONAS if one.key == persona)
        award = self.instance.register.awards_of(person)[0].award.award_id
        lines = (
            {"format": "echt-register", "version": 1},
            {"type": "withdrawal", "award": award, "reason": "exam"},
        )
        path = self.instance.settings.home / "later.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)))
        assert import_lines(path, self.instance.writer).refused == 0


@pytest.fixture(name="paused", scope="module")
def _paused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paused]:
    home = tmp_path_factory.mktemp("paused")
    instance = furnish(home)
    authority = Authority(hierarchy.open_timestamper(home / "keys", clock=instance.clock))
    port = free_port()
    place = f"http://127.0.0.1:{authority.port}/tsa"
    address = f"http://127.0.0.1:{port}"
    with running(SCRIPT, str(home), str(port), place, log=home / "service.log") as process:
        wait_until_ready(process, address)
        yield Paused(address, instance, authority)
    authority.stop()
    instance.close()


def ask(page: Page, address: str, language: str, persona: str) -> None:
    """Log in, choose a diploma, look at it, and ask for it."""
    page.goto(f"{address}/{language}/login")
    page.locator(f"input[name=choice][value={persona}]").check()
    page.locator("main form button[type=submit]").last.click()
    page.locator("main .echt-doors a").first.click()
    page.locator("main form button[type=submit]").last.click()
    page.locator("main form[method=post] button").click()
    page.wait_for_load_state()


def look_again_until(page: Page, words: str) -> None:
    """Follow the plain link as a person would; nothing on the page reloads itself."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while page.get_by_role("heading", name=words, level=1).count() == 0:
        assert time.monotonic() < deadline, page.content()
        page.locator("main .utrecht-button-group a").first.click()
        page.wait_for_load_state()


def fetch(page: Page, folder: Path) -> Path:
    """One click on the notice."""
    with page.expect_download() as started:
        page.locator(".utrecht-alert form button").first.click()
    file = folder / started.value.suggested_filename
    started.value.save_as(file)
    return file


@pytest.mark.parametrize(
    ("language", "persona", "width", "script"),
    [
        ("nl", "vwo", 320, True),
        ("en", "nurse", 1280, True),
        ("de", "long-name", 320, True),
        ("nl", "mbo-care", 1280, False),
    ],
)
def test_an_extract_asked_for_in_a_pause_is_ready_after_it(
    chromium: Browser,
    paused: Paused,
    tmp_path: Path,
    language: str,
    persona: str,
    width: int,
    script: bool,  # noqa: FBT001 - a case of the table
) -> None:
    look: Look = judged_by_axe if script else nothing
    queued, ready = WORDS[language]
    paused.authority.stop()
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=script, accept_downloads=True
    )
    try:
        page = context.new_page()
        ask(page, paused.address, language, persona)
        assert page.locator("h1").inner_text() == queued
        look(page)
        page.locator("main .utrecht-button-group a").last.click()
        expect(page.locator("[role=status] .utrecht-alert")).to_have_count(1)
        look(page)
        page.go_back()

        paused.authority.start()
        look_again_until(page, ready)
        look(page)
        page.goto(f"{paused.address}/{language}/diplomas")
        look(page)
        file = fetch(page, tmp_path)
        page.reload()
        expect(page.locator("[role=status]")).to_have_count(0)

        found = check(page, paused.address, language, file)
        assert " ".join(found.split()) == GENUINE[language]
    finally:
        context.close()
    person = next(one.person_id for one in PERSONAS if one.key == persona)
    assert len(paused.instance.ledger.documents_of(person)) == 1


def test_an_extract_of_a_diploma_withdrawn_meanwhile_ends_with_its_reason(
    chromium: Browser, paused: Paused
) -> None:
    paused.authority.stop()
    context = chromium.new_context(viewport={"width": 320, "height": 800})
    try:
        page = context.new_page()
        ask(page, paused.address, "en", "nt2-ii")
        paused.withdraw_diploma_of("nt2-ii")
        paused.authority.start()
        look_again_until(page, "We could not make your extract")
        judged_by_axe(page)
        page.goto(f"{paused.address}/en/diplomas")
        judged_by_axe(page)
        expect(page.locator("[role=status]")).to_contain_text("was withdrawn after you asked")
        page.locator(".utrecht-alert form button").click()
        expect(page.locator("[role=status]")).to_have_count(0)
    finally:
        context.close()
