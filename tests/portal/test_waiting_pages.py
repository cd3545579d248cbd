"""The holder's pages while sealing is paused and after it: honest, in three languages, once."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

import serving
from checking import lone_verifier
from credentials.waiting import WishState, Worked
from register.importing import import_lines
from register.synthetic.personas import PERSONAS
from tests.house import BASE, HERE, SAME_ORIGIN, furnish, log_in, token_in
from tests.portal.pausing import PausingSealer
from verifier.sandbox import Sandbox
from wiring import Instance

NURSE, VWO = (next(p for p in PERSONAS if p.key == key) for key in ("nurse", "vwo"))
QUEUED = {
    "nl": ("Uw uittreksel staat in de wachtrij", "U hoeft niets te doen."),
    "en": ("Your extract is queued", "You need not do anything."),
    "de": ("Ihr Auszug steht in der Warteschlange", "Sie müssen nichts tun."),
}
READY = {
    "nl": "Uw uittreksel is klaar",
    "en": "Your extract is ready",
    "de": "Ihr Auszug ist fertig",
}
REFUSED = {
    "nl": ("Uw uittreksel maken is niet gelukt", "Het diploma is ingetrokken nadat u dit vroeg."),
    "en": ("We could not make your extract", "The diploma was withdrawn after you asked."),
    "de": ("Wir konnten Ihren Auszug nicht", "Der Abschluss wurde nach Ihrer Anfrage"),
}


@dataclass
class Place:
    """A site whose sealing is paused, and a holder who is logged in."""

    instance: Instance
    sealer: PausingSealer
    client: TestClient

    def award(self, person_id: str = NURSE.person_id) -> str:
        return self.instance.register.awards_of(person_id)[0].award.award_id

    def ask(self, language: str = "en", purpose: str = "work", *, follow: bool = True) -> Response:
        path = f"/{language}/diplomas/{self.award()}/extract"
        page = self.client.get(path, params={"language": language, "purpose": purpose}).text
        form = {"form_token": token_in(page), "language": language, "purpose": purpose}
        return self.client.post(path, data=form, follow_redirects=follow)

    def work(self) -> Worked:
        return self.instance.waiting.work(self.instance.clock())

    def page(self, path: str = "en/diplomas") -> str:
        return text_of(self.client.get(f"/{path}").text)

    def withdraw(self) -> None:
        path = self.instance.settings.home / "later.jsonl"
        header = {"format": "echt-register", "version": 1}
        line = {"type": "withdrawal", "award": self.award(), "reason": "exam"}
        path.write_text("\n".join(map(json.dumps, (header, line))))
        assert import_lines(path, self.instance.writer).refused == 0


@pytest.fixture(name="place")
def _place(tmp_path: Path, sandbox: Sandbox) -> Iterator[Place]:
    instance = furnish(tmp_path, people=1)
    sealer = PausingSealer(instance)
    site = serving.whole_site(instance, lone_verifier(instance.settings, sandbox))
    with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
        log_in(client, "nurse")
        yield Place(instance, sealer, client)
    instance.close()


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("language", list(QUEUED))
def test_while_sealing_is_paused_an_honest_page_and_nothing_half_issued(
    place: Place, language: str
) -> None:
    """platform.md 4.2 D3: issuing pauses with an honest page; never a weaker seal (pdf.md 3.2)."""
    sent = place.ask(language, follow=False)
    answer = place.client.get(sent.headers["location"])

    assert (sent.status_code, answer.status_code) == (303, 200)
    for words in QUEUED[language]:
        assert words in text_of(answer.text)
    assert 'role="status"' in answer.text
    assert "http-equiv" not in answer.text
    assert "refresh" not in answer.headers
    assert place.instance.ledger.documents_of(NURSE.person_id) == ()
    assert list(place.instance.ledger.open_intents(before=place.instance.clock())) == []
    assert list((place.instance.settings.home / "archive").rglob("*.pdf")) == []


def test_asking_again_keeps_the_place_in_the_queue(place: Place) -> None:
    for purpose in ("work", "study", "work"):
        place.ask(purpose=purpose)

    wishes = place.instance.waiting.of_person(NURSE.person_id)
    assert [wish.purpose for wish in wishes] == ["work", "study"]


@pytest.mark.parametrize("language", list(READY))
def test_when_it_is_ready_one_click_gives_the_file_and_the_notice_goes(
    place: Place, language: str
) -> None:
    place.ask(language)
    place.sealer.away = False
    assert place.work() == Worked(made=1)

    for path in (f"diplomas/{place.award()}/waiting", f"diplomas/{place.award()}", "diplomas"):
        assert READY[language] in place.page(f"{language}/{path}")
    page = place.client.get(f"/{language}/diplomas").text
    form = re.search(r'<form method="post" action="([^"]+/extract)">(.*?)</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
    file = place.client.post(form[1], data=fields)

    assert file.headers["content-type"] == "application/pdf"
    (entry,) = place.instance.ledger.documents_of(NURSE.person_id)
    assert file.content == place.instance.archive.get(entry.intent.number)
    assert READY[language] not in place.page(f"{language}/diplomas")
    assert entry.intent.number in place.page(f"{language}/diplomas/{place.award()}")


def test_the_notice_waits_for_the_next_visit(place: Place) -> None:
    place.ask()
    place.sealer.away = False
    place.work()
    place.client.cookies.clear()

    assert READY["nl"] in text_of(log_in(place.client, "nurse", "nl").text)


def test_without_a_wish_there_is_no_page_about_waiting(place: Place) -> None:
    answer = place.client.get(f"/en/diplomas/{place.award()}/waiting", follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/en/diplomas/{place.award()}"
    assert "Extracts you asked for" not in place.page()


@pytest.mark.parametrize("language", list(REFUSED))
def test_what_can_no_longer_be_stated_ends_with_a_reason(place: Place, language: str) -> None:
    place.ask(language)
    place.withdraw()
    place.sealer.away = False
    assert place.work() == Worked(refused=1)

    page = place.client.get(f"/{language}/diplomas").text
    for words in REFUSED[language]:
        assert words in text_of(page)
    assert "exam" not in page
    form = {"form_token": token_in(page), "language": language, "purpose": "work"}
    after = place.client.post(f"/{language}/diplomas/{place.award()}/waiting", data=form)
    assert after.status_code == 200
    assert REFUSED[language][0] not in text_of(after.text)


def test_a_document_of_a_diploma_withdrawn_since_is_not_offered(place: Place) -> None:
    place.ask()
    place.sealer.away = False
    place.work()
    place.withdraw()

    page = place.page()
    assert REFUSED["en"][1] in page
    assert READY["en"] not in page


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("not-registered", "no longer has this diploma in your name"),
        ("uncovered-text", "a letter in your record that we cannot print yet"),
        ("lint-failed", "The fault is ours"),
        ("not-made", "The fault is ours"),
    ],
)
def test_every_reason_says_what_to_do(place: Place, reason: str, words: str) -> None:
    place.ask()
    (wish,) = place.instance.waiting.of_person(NURSE.person_id)
    place.instance.waiting.wishes.end(wish, WishState.REFUSED, reason, place.instance.clock())

    assert words in place.page()


def test_a_wish_of_a_diploma_that_is_gone_is_told_without_its_name(place: Place) -> None:
    place.ask()
    (wish,) = place.instance.waiting.of_person(NURSE.person_id)
    gone = type(wish)(NURSE.person_id, "gone", wish.language, wish.purpose, wish.asked_at)
    place.instance.waiting.wishes.ask(gone)
    assert place.work().paused
    place.sealer.away = False
    assert place.work() == Worked(made=1, refused=1)

    assert "A diploma that is no longer here" in place.page()
    assert "A diploma that is no longer here" not in place.page(f"en/diplomas/{place.award()}")


def test_a_wish_that_waits_cannot_be_put_away_and_needs_the_forms_token(place: Place) -> None:
    place.ask()
    path = f"/en/diplomas/{place.award()}/waiting"
    token = token_in(place.client.get("/en/diplomas").text)
    fields = {"language": "en", "purpose": "work"}

    assert place.client.post(path, data=fields).status_code == 403
    assert place.client.post(path, data=fields | {"form_token": token}).status_code == 200
    assert place.client.post(path, data={"form_token": token}).status_code == 400
    assert len(place.instance.waiting.of_person(NURSE.person_id)) == 1


def test_nobody_sees_or_ends_what_somebody_else_waits_for(place: Place) -> None:
    """platform.md 4.2 I4, portal.md 4.24."""
    place.ask()
    award = place.award()
    place.sealer.away = False
    place.work()
    place.client.cookies.clear()
    page = log_in(place.client, "vwo").text
    form = {"form_token": token_in(page), "language": "en", "purpose": "work"}

    place.client.post(f"/en/diplomas/{award}/waiting", data=form)

    assert "Extracts you asked for" not in text_of(page)
    answers = [place.client.get(f"/en/diplomas/{one}/waiting") for one in (award, "NO-SUCH")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len(place.instance.waiting.of_person(NURSE.person_id)) == 1


def test_the_queue_keeps_ids_and_nothing_about_a_person(place: Place) -> None:
    place.ask()
    person = place.instance.register.person(NURSE.person_id)
    with place.instance.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM waiting_download").mappings().one()

    kept = " ".join(map(str, row.values()))
    assert set(row) == {
        *("place", "person_id", "award_id", "language", "purpose"),
        *("asked_at", "state", "outcome", "tries", "moves_at"),
    }
    assert person.name.surname not in kept
    assert NURSE.bsn not in kept


def test_a_visitor_without_login_is_sent_to_it(place: Place) -> None:
    place.client.cookies.clear()
    path = f"/en/diplomas/{place.award()}/waiting"
    answer = place.client.get(path, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/en/login")
