"""Fetching results on the whole site: away to a provider and back, in every state and language."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest
from fastapi import FastAPI
from httpx2 import Response
from lxml import html
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.packing import unpacked
from emrex.receiving.answer import MAX_BODY
from emrex.receiving.pages import RETURN
from emrex.registry.entry import pem
from emrex.registry.fetching import Marks
from emrex.registry.keeping import Shelf, Snapshot
from emrex.simulating import Simulation, boxes, form_of
from register.synthetic.personas import PERSONAS
from registries import FOLDER
from settings import RegistrySettings
from tests.emrex.abroad import Abroad, body, document
from tests.emrex.conftest import Desk
from tests.house import BASE, HERE, SAME_ORIGIN
from verifier.sandbox import Sandbox
from web import logs
from wiring import Instance

CANARY, NUMBER = "Zzyzxcanary", "999991772"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FOREIGN = FORM | {"Sec-Fetch-Site": "cross-site", "Origin": "https://emp.example.edu"}
START = "/en/emrex/client"
REGISTRY = "https://registry.example/emreg"


@pytest.fixture(name="north", scope="module")
def _north(desk: Desk) -> Abroad:
    return Abroad(desk.signer)


@pytest.fixture(name="site", scope="module")
def _site(house: Instance, sandbox: Sandbox, north: Abroad) -> Iterator[FastAPI]:
    """The service, with a registry on its shelf that lists one provider."""
    body = registry_file(north)
    Shelf(house.settings.home / FOLDER).keep(Snapshot(REGISTRY, body, Marks(), house.clock()))
    chosen = {"registry": RegistrySettings(addresses=(REGISTRY,))}
    listed = Instance(house.settings.model_copy(update=chosen))
    yield serving.whole_site(listed, online_verifier(listed, sandbox))
    listed.close()
    shutil.rmtree(house.settings.home / FOLDER)  # the house is everybody's


def registry_file(north: Abroad) -> bytes:
    """A list as EMREG has it, of providers that are not here, and of one that may not be."""
    one = {
        "acronym": north.name,
        "countryCode": "NO",
        "institutions": ["All"],
        "url": north.url,
        "pubKey": pem(north.provider.certificates).decode(),
    }
    bad = [one | {"acronym": "Script", "url": "javascript:alert(1)"}, one | {"pubKey": "none"}]
    countries = [{"countryCode": "NO", "countryName": "Norway", "singleFetch": False}]
    return json.dumps({"countries": countries, "emps": [one, *bad]}).encode()


@pytest.fixture(name="client")
def _client(site: FastAPI) -> Iterator[TestClient]:
    with TestClient(
        site, base_url=BASE, headers=SAME_ORIGIN, client=HERE, raise_server_exceptions=False
    ) as client:
        yield client


def choice(page: str, name: str) -> str:
    """The key of the provider with that name."""
    options = html.document_fromstring(page).xpath("//option")
    return next(str(one.get("value")) for one in options if one.text_content() == name)


def begun(client: TestClient, name: str = "Ola Nordmann", lang: str = "en") -> Response:
    """The page that leads away."""
    page = client.get(f"/{lang}/emrex/client")
    fields = dict(form_of(page.text, "/emrex/client").fields)
    wanted = {"provider": choice(page.text, "University of the North"), "name": name}
    return client.post(f"/{lang}/emrex/client", data=fields | wanted | {"born": "1999-12-31"})


def session_in(page: Response) -> str:
    return form_of(page.text, "/emrex/init").fields["sessionId"]


def came_back(client: TestClient, told: bytes) -> Response:
    """As a browser brings it: from another site, and so without a cookie."""
    kept = dict(client.cookies)
    client.cookies.clear()
    answer = client.post(RETURN, content=told, headers=FOREIGN, follow_redirects=False)
    client.cookies.update(kept)
    if answer.status_code != 303:
        return answer
    return client.get(answer.headers["location"], headers={"Sec-Fetch-Site": "cross-site"})


def sent(client: TestClient, page: Response, action: str, **filled: str) -> Response:
    form = form_of(page.text, action)
    return client.post(form.action, data={**form.fields, **filled})


_ago = count()


def now() -> datetime:
    """A moment that no other document of these tests has: the same one never comes twice."""
    return datetime.now(UTC).replace(microsecond=next(_ago))


@pytest.mark.parametrize("lang", ["nl", "en", "de"])
def test_results_from_abroad_are_compared_and_then_shown(
    client: TestClient, north: Abroad, lang: str
) -> None:
    """emrex.md 3.1, 4.78: the whole way, without a script."""
    away = begun(client, lang=lang)
    assert away.text.count("emp.example.edu") >= 2
    assert "Ola" not in form_of(away.text, "/emrex/init").fields.values()
    assert "form-action 'self' https:" in away.headers["content-security-policy"]
    elmo = north.elmo(now())

    page = came_back(client, body(session_in(away), elmo=elmo))
    assert page.status_code == 200
    assert " checked" not in page.text
    assert "Bachelor" not in page.text  # nothing but the person, until somebody decides
    shown = sent(client, page, "/decide", person="same")

    assert 'data-signature="valid"' in shown.text
    text = " ".join(html.document_fromstring(shown.text).text_content().split())
    for told in ("Bachelor in Nursing", "Universitetet i Nord", "Nursing <b>I</b>", "NLQF 6"):
        assert told in text
    file = client.get(shown.url.path + "/file")
    assert file.content == unpacked(elmo)
    assert file.headers["content-disposition"].startswith("attachment")
    gone = sent(client, shown, "/forget")
    assert gone.status_code == 200
    assert client.get(shown.url.path).status_code == 404


def test_another_person_needs_a_second_tick_and_a_no_needs_none(
    client: TestClient, north: Abroad
) -> None:
    """emrex.md 4.78: never silent, never by itself."""
    page = came_back(
        client, body(session_in(begun(client, "Kari Nordmann")), elmo=north.elmo(now()))
    )
    assert "Look twice" in page.text
    again = sent(client, page, "/decide", person="same")
    assert again.status_code == 400
    assert "tick also that you looked" in again.text
    assert sent(client, again, "/decide").status_code == 400
    declined = sent(client, again, "/decide", person="other")

    assert 'data-state="declined"' in declined.text
    assert client.get(declined.url.path + "/file").status_code == 404


def test_two_words_and_a_tick_show_another_name(client: TestClient, north: Abroad) -> None:
    root = document(now(), born="")
    page = came_back(client, body(session_in(begun(client)), elmo=north.signed(root)))
    assert "Not stated" in page.text

    shown = sent(client, page, "/decide", person="same", looked="yes")

    assert 'data-signature="valid"' in shown.text


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("NCP_NO_RESULTS", "no-results"),
        ("EMP_CANCEL", "cancelled"),
        ("NCP_ERROR", "failed"),
        ("WHATEVER", "unknown"),
        ("NCP_OK", "refused"),
    ],
)
@pytest.mark.parametrize("lang", ["nl", "en", "de"])
def test_each_end_has_a_page(client: TestClient, code: str, state: str, lang: str) -> None:
    """emrex.md 4.70, 4.71."""
    session = session_in(begun(client, lang=lang))

    page = came_back(client, body(session, code, message="<script>alert(1)</script>"))

    assert page.status_code == 200
    assert f'data-state="{state}"' in page.text
    assert f'lang="{lang}"' in page.text
    assert "<script>alert" not in page.text


def test_an_answer_that_nobody_waits_for_is_refused(client: TestClient, north: Abroad) -> None:
    """emrex.md 4.68: unknown, used; and whoever has not both halves finds nothing."""
    session = session_in(begun(client))
    elmo = north.elmo(now())
    assert came_back(client, body("unknown", elmo=elmo)).status_code == 400
    page = came_back(client, body(session, elmo=elmo))
    assert page.status_code == 200
    assert came_back(client, body(session, elmo=elmo)).status_code == 400
    assert client.get(page.url.path).status_code == 200
    client.cookies.clear()
    assert client.get(page.url.path).status_code == 404


def test_who_was_lured_brings_nothing_to_the_thief(
    client: TestClient, site: FastAPI, north: Abroad
) -> None:
    """emrex.md 3.7, session mix-up: a session of the thief, a document of the victim."""
    session = session_in(begun(client))
    elmo = north.elmo(now(), "Victim")
    with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as victim:
        lured = came_back(victim, body(session, elmo=elmo))
        assert lured.status_code == 404
        path = lured.url.path

    stolen = client.get(path)

    assert stolen.status_code == 404
    assert "Victim" not in lured.text + stolen.text


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"", FOREIGN),
        (b"{}", {"Content-Type": "application/json"}),
        (b"--x--", {"Content-Type": "multipart/form-data; boundary=x"}),
        (b"sessionId=\xff\x00", FOREIGN),
        (b"sessionId=a;b" + b"&x=y" * 50, FOREIGN),
    ],
)
def test_what_is_no_answer_is_a_problem_and_never_an_error(
    client: TestClient, content: bytes, headers: dict[str, str]
) -> None:
    status = 400 if headers is FOREIGN else 415
    assert client.post(RETURN, content=content, headers=headers).status_code == status


def test_a_larger_answer_is_refused_before_it_is_read(client: TestClient) -> None:
    """emrex.md 3.5.1."""
    answer = client.post(RETURN, content=b"x" * (MAX_BODY + 1), headers=FOREIGN)

    assert answer.status_code == 413


def test_only_providers_that_can_be_trusted_are_offered(client: TestClient) -> None:
    """emrex.md 3.7, registry: only an https address of the open internet, and a key."""
    page = client.get(START).text

    assert "University of the North" in page
    assert page.count("University of the North") == 1
    assert "Script" not in page
    assert "List of" in page


def test_a_form_that_is_not_filled_in_says_what_is_missing(client: TestClient) -> None:
    page = client.get(START)
    again = sent(client, page, "/emrex/client", name="Ola", born="31 dec", provider="other")

    assert again.status_code == 400
    assert "Choose who has the results." in again.text
    assert "Fill in a date" in again.text
    assert 'value="Ola"' in again.text
    assert client.post(START, data={"name": "x"}).status_code == 403


def test_a_whole_round_with_ourselves(client: TestClient) -> None:
    """emrex.md 3.1: client and provider of one house, over HTTP, with the receiver checked."""
    page = client.get(START)
    fields = dict(form_of(page.text, "/emrex/client").fields)
    options = html.document_fromstring(page.text).xpath("//optgroup[@label='Netherlands']/option")
    us = str(options[0].get("value"))
    asked = {"provider": us, "name": "Somebody Else", "born": "31-12-1999"}
    away = client.post(START, data=fields | asked)
    form = form_of(away.text, "/emrex/init")
    walk = Simulation(client, "", now, return_url=form.fields["returnUrl"])
    walk.session_id = form.fields["sessionId"]
    there = walk.send(walk.begin(), "/login", choice=PERSONAS[0].key)
    for step in ("selection", "consent"):
        if "data-handover" not in there.text:
            there = walk.send(there, f"/{step}", **boxes(there.text, f"/{step}"))
    told = form_of(there.text, form.fields["returnUrl"]).fields

    back = came_back(client, body(told["sessionId"], told["returnCode"], told["elmo"]))

    assert "Look twice" in back.text
    shown = sent(client, back, "/decide", person="same", looked="yes")
    assert 'data-signature="valid"' in shown.text


def test_nothing_of_a_person_is_in_a_log_or_an_address(client: TestClient, north: Abroad) -> None:
    """emrex.md 4.9, 4.89: a canary name and number, in the form and in the document."""
    log = io.StringIO()
    logs.configure(log)
    root = document(now(), CANARY, NUMBER)
    answers = [begun(client, f"{CANARY} {NUMBER}")]
    session = session_in(answers[0])
    answers.append(came_back(client, body(session, elmo=north.signed(root), message=CANARY)))
    answers.append(sent(client, answers[-1], "/decide", person="same"))
    answers.append(came_back(client, body(session, elmo=CANARY)))
    answers.append(client.post(RETURN, content=CANARY.encode(), headers=FOREIGN))

    assert CANARY in answers[2].text
    assert log.getvalue().count('"route"') >= 5
    addresses = " ".join(str(one.url) + str(dict(one.headers)) for one in answers)
    for secret in (CANARY, NUMBER, session):
        assert secret not in log.getvalue()
        assert secret not in addresses
        assert secret not in answers[3].text + answers[4].text
    assert not re.search(r"Nordmann|1999", log.getvalue())
