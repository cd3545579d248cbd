"""The simulator over HTTP: every fault with what comes of it, and nothing of it in production."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from fastapi import FastAPI
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.exchange.request import INIT
from emrex.packing import unpacked
from emrex.simulating import Simulation, boxes, form_of
from emrex.simulator import texts
from emrex.simulator.faults import NOBODY, RETURNED, SENT
from emrex.simulator.judging import mark_of
from keys.hierarchy import utc_now
from register.synthetic.personas import PERSONAS
from settings import ProcessRole
from tests.commands import echt
from tests.house import BASE, HERE, SAME_ORIGIN
from verifier.sandbox import Sandbox
from web import logs
from web.personas import Persona, PersonaProvider
from wiring import Instance

START = "/en/emrex/simulator"
RETURN = START + "/return"
CANARY, NUMBER = "Zzyzxcanary", "999991772"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Fields = list[tuple[str, str]]
ASKED = {
    "no-session": 400,
    "no-address": 400,
    "two-sessions": 400,
    "long-session": 400,
    "unsafe-address": 400,
    "foreign-address": 200,
    "other-form": 415,
}
"""The status of our answer, by what is wrong with the question."""
ANSWERED = {
    "wrong-session": ("other-session", ""),
    "second-click": ("used-session", ""),
    "late": ("late-session", ""),
    "other-person": ("other-person", ""),
    "two-documents": ("fields", ""),
    "unknown-code": ("unknown-code", ""),
    "no-document": ("no-document", ""),
    "cut-short": ("", "cut-short"),
    "not-gzip": ("", "not-gzip"),
    "not-xml": ("", "malformed"),
    "too-large": ("", "too-large"),
    "more-reports": ("", "changed"),
    "tampered": ("", "changed"),
}
"""Why nobody looks at the document, and what is wrong with it, by what happened on the way."""


@pytest.fixture(name="client")
def _client(whole_site: FastAPI) -> Iterator[TestClient]:
    with TestClient(
        whole_site,
        base_url=BASE,
        headers=SAME_ORIGIN,
        client=HERE,
        raise_server_exceptions=False,
    ) as client:
        yield client


def hidden(page: Response, action: str) -> Fields:
    """What a form sends, in its order and doubled fields too."""
    root = html.document_fromstring(page.text)
    (form,) = [one for one in root.iter("form") if str(one.get("action")).startswith(action)]
    found = form.xpath(".//input[@type='hidden']")
    return [(str(one.get("name")), str(one.get("value", ""))) for one in found]


def going(client: TestClient, lang: str = "en", **asked: str) -> Response:
    """The page with the form of the client, for what was asked for."""
    start = f"/{lang}/emrex/simulator"
    form = form_of(client.get(start).text, start)
    return client.post(form.action, data={**form.fields, **asked})


def posted(client: TestClient, path: str, fields: Fields) -> Response:
    return client.post(path, content=urlencode(fields), headers=FORM)


def stepped(client: TestClient, page: Response, action: str, **filled: str) -> Response:
    """A step of the holder, with everything ticked."""
    form = form_of(page.text, action)
    return client.post(form.action, data={**form.fields, **boxes(page.text, action), **filled})


def handed_over(client: TestClient, going_page: Response, who: str = "nurse") -> Response:
    """From the client's form to the page that takes the answer back."""
    page = posted(client, INIT, hidden(going_page, BASE + INIT))
    page = stepped(client, page, "/login", choice=who)
    if "/selection" in page.text:
        page = stepped(client, page, "/selection")
    return stepped(client, page, "/consent") if "/consent" in page.text else page


def brought_back(client: TestClient, page: Response) -> Response:
    """The answer, as the browser takes it to the address that it is for."""
    action = str(html.document_fromstring(page.text).xpath("//form[@data-handover]/@action")[0])
    assert action.startswith(BASE)
    return posted(client, action, hidden(page, BASE))


@pytest.mark.parametrize("lang", ["nl", "en", "de"])
def test_a_whole_transfer_shows_everything_that_came(client: TestClient, lang: str) -> None:
    """emrex.md 3.1, 6.8, and 4.26: without a script, in three languages."""
    page = brought_back(client, handed_over(client, going(client, lang)))

    assert page.status_code == 200
    assert page.headers["content-language"] == lang
    assert "NCP_OK" in page.text
    assert 'data-halted=""' in page.text
    assert 'data-signature="valid"' in page.text
    assert "data-reason" not in page.text
    persona = next(one for one in PERSONAS if one.key == "nurse")
    assert persona.bsn not in page.text
    sizes = [int(one) for one in re.findall(r"(\d+) [Bb]ytes", page.text)]
    assert len(sizes) == 2
    assert min(sizes) > 1000


def test_the_learner_and_the_titles_are_those_of_the_document(
    client: TestClient, house: Instance
) -> None:
    handed = handed_over(client, going(client))
    sent = unpacked(dict(hidden(handed, BASE))["elmo"]).decode()
    text = html.document_fromstring(brought_back(client, handed).text).text_content()

    persona = next(one for one in PERSONAS if one.key == "nurse")
    name = house.register.person(persona.person_id).name
    assert f"{name.given} " in text
    assert name.surname in text
    titles = [one.text_content() for one in html.fromstring(sent.encode()).iter("title")]
    assert any(title in text for title in titles)


@pytest.mark.parametrize(("fault", "status"), ASKED.items())
def test_what_a_client_does_wrong_when_it_asks(client: TestClient, fault: str, status: int) -> None:
    """emrex.md 4.2, 4.3, 4.5, 4.6, by the page that people use."""
    page = going(client, fault=fault)
    fields = hidden(page, BASE + INIT)
    if 'enctype="multipart/form-data"' in page.text:
        answer = client.post(INIT, files=[(name, (None, value)) for name, value in fields])
    else:
        answer = posted(client, INIT, fields)

    assert answer.status_code == status
    assert (NOBODY.partition("/")[0] in answer.text) == (fault == "foreign-address")


@pytest.mark.parametrize(("fault", "expected"), ANSWERED.items())
def test_what_happens_to_an_answer_on_its_way(
    client: TestClient, house: Instance, fault: str, expected: tuple[str, str]
) -> None:
    """emrex.md 3.1, 4.56, 4.67, 4.68, 4.71, 4.78: the true reason, and nothing of it is shown."""
    halted, reason = expected
    page = brought_back(client, handed_over(client, going(client, fault=fault)))

    assert page.status_code == 200
    assert f'data-halted="{halted}"' in page.text
    assert re.findall(r'data-reason="([^"]*)"', page.text) == ([reason] if reason else [])
    assert ('data-signature="invalid"' in page.text) == bool(reason)
    persona = next(one for one in PERSONAS if one.key == "nurse")
    assert house.register.person(persona.person_id).name.surname not in page.text


@pytest.mark.parametrize("fault", ["", *SENT, *RETURNED])
def test_the_command_and_the_page_have_the_same_faults_and_judge_alike(
    client: TestClient, house: Instance, fault: str
) -> None:
    """emrex.md 3.1: what `echt emrex simulate --fault` prints."""
    walk = Simulation(client, "", utc_now)
    outcome = walk.run("nurse", house.service_signer("emrex").chain[:1], fault=fault)

    if fault in SENT:
        stopped = ASKED[fault] != 200
        assert outcome.code == (f"STOPPED {ASKED[fault]}" if stopped else "NCP_OK")
        return
    halted, reason = ANSWERED.get(fault, ("", ""))
    worth = f"invalid {reason}" if reason else halted or "valid"
    codes = {"wrong-session": "OTHER_SESSION", "unknown-code": ""}
    assert (outcome.code, outcome.signature) == (codes.get(fault, "NCP_OK"), worth)


def test_the_command_names_the_faults_that_it_knows(tmp_path: Path) -> None:
    """emrex.md 3.1, 6.8."""
    words = ("emrex", "simulate", "--url", "http://127.0.0.1:9", "--fault")

    unknown = echt(tmp_path, *words, "nonsense")

    assert unknown.returncode == 2
    said = re.sub(r"[^a-z-]+", " ", unknown.stderr).split()
    assert set(said) >= {"late", "other-person", "too-large", "more-reports", "two-sessions"}


def test_every_fault_can_be_chosen_and_is_tried_here(client: TestClient) -> None:
    page = html.document_fromstring(client.get(START).text)
    offered = page.xpath("//select[@name='fault']//option/@value")

    assert set(offered) == {"", *SENT, *RETURNED}
    assert set(texts.SENT) == set(SENT) == set(ASKED)
    assert set(texts.RETURNED) == set(RETURNED) == set(ANSWERED)


def test_what_is_chosen_is_what_the_client_sends(client: TestClient) -> None:
    """emrex.md 2.2: every field that we know, and no other."""
    asked = {"sessionId": "a+/=&<\"é'b", "elmoVersion": "1.5", "allowToPickLOIs": "false"}
    page = going(client, "de", **asked, allowNotPassedCourses="perhaps", elmoSize="9")
    fields = dict(hidden(page, BASE + INIT))
    address = urlsplit(fields.pop("returnUrl"))

    assert fields == {**asked, "lang": "de"}
    assert address.path == "/de/emrex/simulator/return"
    assert parse_qs(address.query) == {"session": [mark_of(asked["sessionId"])]}


def test_a_session_with_any_letters_comes_back_as_it_was(client: TestClient) -> None:
    """emrex.md 4.4 and 4.7, seen from the client."""
    page = handed_over(client, going(client, sessionId="a+/=&<\"é'b"))

    assert 'data-halted=""' in brought_back(client, page).text


def test_an_older_version_is_what_comes(client: TestClient) -> None:
    """emrex.md 4.38: type Diploma came with 1.6."""
    page = handed_over(client, going(client, elmoVersion="1.4"))
    document = unpacked(dict(hidden(page, BASE))["elmo"])

    assert b"<type>Diploma</type>" not in document
    assert 'data-signature="valid"' in brought_back(client, page).text


def test_who_clicks_twice_has_two_transfers_and_either_ends(client: TestClient) -> None:
    """emrex.md 4.11 and 4.27: the first is left open, and the second is answered."""
    page = going(client)
    posted(client, INIT, hidden(page, BASE + INIT))

    assert 'data-signature="valid"' in brought_back(client, handed_over(client, page)).text


def test_who_stops_takes_a_code_back_without_a_document(client: TestClient) -> None:
    """emrex.md 4.29."""
    page = posted(client, INIT, hidden(going(client), BASE + INIT))
    back = brought_back(client, stepped(client, page, "/stop"))

    assert "NCP_CANCEL" in back.text
    assert 'data-halted=""' in back.text
    assert "data-signature" not in back.text


def test_a_document_that_nobody_asked_for_is_not_opened(client: TestClient) -> None:
    fields = [("sessionId", "s"), ("returnCode", "EMP_CANCEL"), ("elmo", "QUJD")]
    page = posted(client, f"{RETURN}?session={mark_of('s')}", fields)

    assert 'data-halted="unasked-document"' in page.text


def test_other_sites_reach_neither_the_form_nor_the_way_back(client: TestClient) -> None:
    """emrex.md 4.24: unlike our client, which takes answers from other sites."""
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    answer = client.post(RETURN, data={"sessionId": "s", "returnCode": "NCP_OK"}, headers=foreign)

    assert answer.status_code == 403
    assert client.post(START, data={}, headers=foreign).status_code == 403
    assert client.post(START, data={"fault": "tampered"}).status_code == 403


def test_the_way_back_in_another_language_leads_to_the_start(client: TestClient) -> None:
    for path in ("/emrex/simulator", RETURN):
        asked = {"Accept-Language": "en"}
        answer = client.get(path, headers=asked, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, START)


def test_the_validator_leads_here(client: TestClient) -> None:
    assert f'href="{START}"' in client.get("/en/emrex/validate").text


def test_in_production_there_is_nothing_of_it(house: Instance, sandbox: Sandbox) -> None:
    """emrex.md 3.1: not in production."""
    chosen = {"production": True, "role": ProcessRole.WEB}
    instance = Instance(house.settings.model_copy(update=chosen))
    login = PersonaProvider((Persona("nurse", "x", "nurse"),), production=False)
    site = serving.whole_site(instance, online_verifier(instance, sandbox), login)
    client = TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE)

    for path in ("/emrex/simulator", START, RETURN):
        assert client.get(path, follow_redirects=False).status_code == 404
        assert client.post(path, content="sessionId=s", headers=FORM).status_code == 404
    assert "simulator" not in client.get("/en/emrex/validate").text
    instance.close()


def test_nothing_of_a_person_is_in_a_log_or_an_address(client: TestClient) -> None:
    """emrex.md 4.89 and 4.9: whatever somebody types or brings."""
    log = io.StringIO()
    logs.configure(log)
    page = going(client, sessionId=f"{CANARY} {NUMBER}")
    handed = handed_over(client, page)
    fields = [("sessionId", CANARY), ("returnCode", CANARY), ("returnMessage", NUMBER)]
    answers = [page, handed, brought_back(client, handed), posted(client, RETURN, fields)]
    told = log.getvalue()

    assert "/{lang}/emrex/simulator/return" in told
    for secret in (CANARY, NUMBER):
        assert secret not in told
        assert all(secret not in str(one.url) for one in answers)
        assert secret not in dict(hidden(page, BASE + INIT))["returnUrl"]


TEXT = st.text(max_size=40)
NAMES = st.sampled_from(
    ["sessionId", "returnCode", "returnMessage", "elmo", "elmoVersion", "allowToPickLOIs", "x"]
)
VALUES = TEXT | st.sampled_from(["NCP_OK", "EMP_ERROR", "s", "H4sI", "1.7", "true", "\0"])
FAULTS = TEXT | st.sampled_from([*SENT, *RETURNED])


@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=8),
    FAULTS,
    TEXT | st.just(mark_of("s")),
    st.none() | st.binary(max_size=60),
)
def test_no_answer_is_an_error_of_ours(
    visitor_of_all: TestClient, fields: Fields, fault: str, session: str, raw: bytes | None
) -> None:
    """emrex.md 3.5: hostile input ends in a verdict or a problem."""
    query = urlencode({"session": session, "fault": fault})
    body = raw if raw is not None else urlencode(fields).encode()
    answer = visitor_of_all.post(f"{RETURN}?{query}", content=body, headers=FORM)

    assert answer.status_code in {200, 400}


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), FAULTS)
def test_no_wish_is_an_error_of_ours(
    visitor_of_all: TestClient, fields: Fields, fault: str
) -> None:
    token = dict(form_of(visitor_of_all.get(START).text, START).fields)
    wanted = [*token.items(), *fields, ("fault", fault)]
    page = posted(visitor_of_all, START, wanted)

    assert page.status_code == 200
    assert page.text.count("<form") == 1


@pytest.fixture(name="visitor_of_all", scope="module")
def _visitor_of_all(whole_site: FastAPI) -> TestClient:
    return TestClient(
        whole_site,
        base_url=BASE,
        headers=SAME_ORIGIN,
        client=HERE,
        raise_server_exceptions=False,
    )
