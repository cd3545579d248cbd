"""A transfer over HTTP, on the whole site, as a browser without scripts goes through it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from fastapi import FastAPI
from jsonschema import Draft6Validator
from starlette.testclient import TestClient
from structlog.testing import capture_logs

import serving
from checking import online_verifier
from emrex.exchange.request import INIT, NOT_UTF_8
from emrex.exchange.watching import FORGED
from emrex.registry.entry import manifest
from emrex.registry.reading import providers
from emrex.simulating import Simulation, form_of, is_good
from emrex_wiring import entry_of
from keys.hierarchy import utc_now
from register.synthetic.personas import PERSONAS
from tests import judges
from tests.emrex.test_signed_documents import by_schema, pem, valid_against, xmlsec_accepts
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode
from web.errors import LevelTooLow, LoginCancelled, LoginUnavailable, NotInRegister
from web.i18n import Language, translations, translator
from web.oidc import Oidc, OidcConfig
from wiring import Instance

ADDRESSES = count(1)
URL = "http://127.0.0.1:8000"
FORM = {"sessionId": "a+/=&<\"é'b", "returnUrl": "https://emc.example.edu/back?a=1&b=2"}
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
NOTHING = "We found nothing to remark."
UNREAD = "We could not read the file, so we say nothing about its form."
ALONE = "We do not have the schemas of ELMO here, so we looked by our own rules only."


@pytest.fixture(name="site", scope="module")
def _site(house: Instance) -> Iterator[FastAPI]:
    with Sandbox(size=1) as room:
        yield serving.whole_site(house, online_verifier(house, room))


@pytest.fixture(name="client")
def _client(site: FastAPI) -> TestClient:
    """A browser at an address of its own, for addresses are counted."""
    return TestClient(
        site,
        base_url=URL,
        headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"},
        raise_server_exceptions=False,
        client=(f"192.0.2.{next(ADDRESSES)}", 50_000),
    )


def certificates(house: Instance) -> tuple[bytes, ...]:
    return house.service_signer("emrex").chain[:1]


@pytest.mark.parametrize("lang", ["nl", "en", "de"])
def test_a_whole_transfer_ends_in_a_document_that_others_accept(
    client: TestClient, house: Instance, tmp_path: Path, lang: str
) -> None:
    """emrex.md 4.1, 4.9, 4.26, 4.28 to 4.31."""
    outcome = Simulation(client, "", utc_now).run("nurse", certificates(house), lang=lang)

    assert (outcome.code, outcome.signature, outcome.findings) == ("NCP_OK", "valid", 0)
    assert is_good(outcome)
    file = tmp_path / "elmo.xml"
    file.write_bytes(outcome.document)
    assert valid_against("1.7", [file]).returncode == 0
    trusted = pem(house.service_signer("emrex"), tmp_path)
    assert xmlsec_accepts(outcome.document, trusted, tmp_path)
    sent = re.findall(rb"data:application/pdf;base64,", outcome.document)
    assert len(sent) >= 1


def test_the_receipt_is_on_the_holders_page(client: TestClient, house: Instance) -> None:
    """emrex.md 4.25 and 6.2: afterwards, and taken back once."""
    outcome = Simulation(client, "", utc_now).run("vwo", certificates(house))
    page = client.get("/en/emrex/receipts")
    assert hashlib.sha256(outcome.document).hexdigest() in page.text
    assert "localhost" in page.text

    form = form_of(page.text, "/withdraw")
    after = client.post(form.action, data=dict(form.fields))

    assert "You took your consent back on" in after.text


def begun(client: TestClient, **more: str) -> str:
    """The path of a transfer that a client just asked for."""
    answer = client.post("/emrex/init", data=FORM | more, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_another_site_may_start_a_transfer_and_take_no_step_in_it(client: TestClient) -> None:
    """emrex.md 4.1, 4.24: the form of a client is the one thing that comes from elsewhere."""
    foreign = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post("/emrex/init", data=FORM, headers=foreign, follow_redirects=False)
    assert answer.status_code == 303
    assert "emc.example" not in answer.headers["location"]
    assert "samesite=lax" in answer.headers["set-cookie"].lower()

    for step in ("login", "selection", "again", "consent", "stop"):
        path = f"{answer.headers['location']}/{step}"
        assert client.post(path, data={}, headers=foreign).status_code == 403
        assert client.post(path, data={}).status_code == 403


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": {"sessionId": "s"}}, 400),
        ({"data": {"returnUrl": "https://emc.example.edu/"}}, 400),
        ({"data": FORM | {"returnUrl": "http://emc.example.edu/"}}, 400),
        ({"data": FORM | {"returnUrl": "javascript:alert(1)"}}, 400),
        ({"data": FORM | {"sessionId": "s" * 256}}, 400),
        ({"data": {"sessionId": ["a", "b"], "returnUrl": FORM["returnUrl"]}}, 400),
        (
            {"content": b"sessionId=%E9&returnUrl=https://emc.example.edu/", "headers": URLENCODED},
            400,
        ),
        ({"content": b"sessionId=a" + b"&x=y" * 101, "headers": URLENCODED}, 400),
        ({"json": FORM}, 415),
        ({"files": {"sessionId": b"s"}}, 415),
        ({"content": b"sessionId=s", "headers": {"content-type": "text/plain"}}, 415),
    ],
)
def test_a_request_that_is_not_one_leads_nowhere(
    client: TestClient, sent: dict[str, object], status: int
) -> None:
    """emrex.md 4.2, 4.3, 4.5, 4.6."""
    answer = client.post("/emrex/init", follow_redirects=False, **sent)  # type: ignore[arg-type]

    assert answer.status_code == status
    assert "location" not in answer.headers
    assert "alert(1)" not in answer.text


def test_a_get_is_told_that_a_form_is_needed(client: TestClient) -> None:
    assert client.get("/emrex/init").status_code == 405


def test_nothing_of_a_holder_is_shown_before_the_login(client: TestClient) -> None:
    """emrex.md 4.13, and somebody who was logged in before is asked again."""
    Simulation(client, "", utc_now).run("vwo", ())
    page = client.get(begun(client))

    assert "Continue to log in" in page.text
    assert "VWO" not in page.text


def test_an_unknown_receiver_is_named_and_has_to_be_ticked(client: TestClient) -> None:
    """emrex.md 4.22, 4.23, 3.7: host twice, and a second box; nothing is ticked before."""
    walk = Simulation(client, "", utc_now, return_url=FORM["returnUrl"])
    page = walk.send(walk.begin(), "/login", choice="vwo")
    assert page.text.count("emc.example.edu") >= 2
    record = re.findall(r'name="record" value="([^"]+)"', page.text)
    page = walk.send(page, "/selection", record=record)
    assert " checked" not in page.text
    assert page.text.count('name="yes"') == 2

    once = walk.send(page, "/consent", yes=["send"])
    assert once.status_code == 400
    assert "Tick every box to send, or stop." in once.text
    done = walk.send(once, "/consent", yes=["send", "unknown"])
    policy = done.headers["content-security-policy"]
    assert "form-action https://emc.example.edu;" in policy
    assert walk.judged(done, ()).code == "NCP_OK"


def test_what_is_sent_back_is_byte_for_byte_what_came(client: TestClient) -> None:
    """emrex.md 4.4, 4.7: the session id, and the query of the address."""
    page = client.get(begun(client))
    form = form_of(page.text, "/stop")
    page = client.post(form.action, data=dict(form.fields))

    answer = form_of(page.text, FORM["returnUrl"])

    assert answer.fields["sessionId"] == FORM["sessionId"]
    assert answer.fields["returnCode"] == "NCP_CANCEL"
    assert set(answer.fields) == {"sessionId", "returnCode", "returnMessage"}


@pytest.mark.parametrize("letters", ["\u00e9", "\ufffd", "%", "\U0001d11e"])
@pytest.mark.parametrize("safe", ["", "\u00e9\ufffd\U0001d11e"])
def test_bytes_come_back_however_they_were_written(
    client: TestClient, letters: str, safe: str
) -> None:
    """emrex.md 4.4: also where a program did not write %C3%A9 for them, and U+FFFD itself."""
    sent = letters if letters in safe else quote(letters)
    body = f"sessionId={sent}&x=%E9&returnUrl={quote(FORM['returnUrl'])}".encode()
    begun_at = client.post(INIT, content=body, headers=URLENCODED, follow_redirects=False)
    form = form_of(client.get(begun_at.headers["location"]).text, "/stop")
    page = client.post(form.action, data=dict(form.fields))

    assert form_of(page.text, FORM["returnUrl"]).fields["sessionId"] == letters


@pytest.mark.parametrize("lang", ["nl", "en", "de"])
@pytest.mark.parametrize("field", ["sessionId", "returnUrl", "lang"])
def test_letters_that_we_could_not_give_back_are_refused_with_what_to_do(
    client: TestClient, lang: str, field: str
) -> None:
    """emrex.md 4.4: a client that writes Latin-1 hears so, instead of getting another session."""
    fields = FORM | {"sessionId": "s", "lang": "en", field: "caf\u00e9"}
    body = urlencode(fields, encoding="latin-1")
    asked = URLENCODED | {"Accept-Language": lang, "Accept": "text/html"}
    answer = client.post(INIT, content=body, headers=asked, follow_redirects=False)

    assert answer.status_code == 400
    assert "UTF-8" in answer.text
    assert answer.headers["content-language"] == lang
    translate = translator(translations(), Language(lang))
    assert translate(NOT_UTF_8) in html.unescape(answer.text)
    assert "\ufffd" not in answer.text


def test_two_transfers_in_one_browser_do_not_mix(client: TestClient, house: Instance) -> None:
    """emrex.md 4.11."""
    first, second = Simulation(client, "", utc_now), Simulation(client, "", utc_now)
    pages = [first.begin(), second.begin()]
    first.send(pages[0], "/stop")

    outcome = second.run("nurse", certificates(house))

    assert outcome.code == "NCP_OK"


def test_another_browser_cannot_go_on(client: TestClient) -> None:
    """emrex.md 4.12."""
    path = begun(client)
    client.cookies.clear()

    assert client.get(path).status_code == 404


def leaving(client: TestClient, walk: Simulation) -> str:
    """Go to log in and stay there; the path of the transfer."""
    form = form_of(walk.begin().text, "/login")
    client.post(form.action, data={**form.fields, "choice": "vwo"}, follow_redirects=False)
    return form.action.removesuffix("/login")


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("login-refused", "NCP_ERROR", "gave no answer that we can trust"),
        (LevelTooLow.kind, "NCP_ERROR", "This way of logging in is not sure enough."),
        (LoginUnavailable.kind, "NCP_ERROR", "does not answer at the moment"),
        (LoginCancelled.kind, "NCP_CANCEL", "You stopped at the login service."),
        (NotInRegister.kind, "NCP_NO_RESULTS", "The register has no diplomas of you."),
    ],
)
def test_a_login_that_fails_leads_back_with_an_answer(
    client: TestClient, kind: str, code: str, said: str
) -> None:
    """emrex.md 4.14 and 4.15."""
    walk = Simulation(client, "", utc_now)

    refused = client.get(f"{leaving(client, walk)}?login={kind}")

    assert "Logging in did not work" in refused.text
    assert said in refused.text
    assert walk.judged(walk.send(refused, "/stop"), ()).code == code


def test_a_login_that_the_provider_breaks_off_comes_back_to_the_transfer(
    client: TestClient,
) -> None:
    """emrex.md 4.14: not to the page of the portal, which knows no client to answer."""
    path = leaving(client, Simulation(client, "", utc_now))

    back = "/login/callback?error=access_denied&state=x"
    answer = client.get(back, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{path}?login=")


def test_a_login_service_that_is_away_leads_back_with_an_answer(house: Instance) -> None:
    """emrex.md 4.14: the holder stays at the transfer, and can answer the client."""
    config = OidcConfig("http://127.0.0.1:1", "echt", {}, client_secret="s", timeout=0.2)  # noqa: S106 - nobody listens
    with Sandbox(size=1) as room:
        login = Oidc(config, clock=utc_now)
        site = serving.whole_site(house, online_verifier(house, room), login)
        visitor = TestClient(site, base_url=URL, headers={"Sec-Fetch-Site": "same-origin"})
        walk = Simulation(visitor, "", utc_now)
        refused = walk.send(walk.begin(), "/login")

        assert refused.status_code == 200
        assert "The login service does not answer at the moment." in refused.text
        assert walk.judged(walk.send(refused, "/stop"), ()).code == "NCP_ERROR"


def test_a_page_of_before_sent_once_more_shows_where_the_transfer_is(client: TestClient) -> None:
    """emrex.md 4.27: the back button and a second tab resend nothing."""
    walk = Simulation(client, "", utc_now)
    choosing = walk.send(walk.begin(), "/login", choice="vwo")
    preview = walk._everything(choosing, "/selection")
    done = walk._everything(preview, "/consent")
    assert walk.judged(done, ()).code == "NCP_OK"

    for page, step in ((choosing, "/selection"), (preview, "/consent"), (preview, "/stop")):
        again = walk._everything(page, step)
        assert again.status_code == 200
        assert "Your results were sent" in again.text
        assert "data-handover" not in again.text


def test_a_forged_choice_is_refused_and_told_to_those_who_watch(
    client: TestClient, house: Instance
) -> None:
    """emrex.md 4.16, 4.89: 403, and one line without either person."""
    walk = Simulation(client, "", utc_now)
    choosing = walk.send(walk.begin(), "/login", choice="vwo")
    people = {one.key: one.person_id for one in PERSONAS}
    theirs = [one.award.award_id for one in house.register.awards_of(people["nurse"])]

    with capture_logs() as lines:
        refused = [walk.send(choosing, "/selection", record=theirs) for _ in range(2)]

    assert [one.status_code for one in refused] == [403, 403]
    (alarm,) = [line for line in lines if line["event"] == FORGED]
    assert choosing.url.path.endswith(alarm["alias"])
    for personal in (*people.values(), *theirs):
        assert personal not in str(lines)


def test_nothing_chosen_is_said_and_goes_nowhere(client: TestClient) -> None:
    """emrex.md 4.20."""
    walk = Simulation(client, "", utc_now)
    choosing = walk.send(walk.begin(), "/login", choice="vwo")

    page = walk.send(choosing, "/selection")

    assert page.status_code == 400
    assert "Choose at least one diploma, or stop." in page.text


def test_a_yes_to_a_page_of_before_shows_what_would_be_sent_now(client: TestClient) -> None:
    """emrex.md 4.25."""
    walk = Simulation(client, "", utc_now)
    choosing = walk.send(walk.begin(), "/login", choice="vwo")
    preview = walk._everything(choosing, "/selection")

    page = walk.send(preview, "/consent", yes=["send", "unknown"], shown="something else")

    assert page.status_code == 409
    assert "Something has changed. Look again at what would be sent." in page.text


def test_a_yes_to_a_receiver_of_another_name_shows_the_name_of_now(client: TestClient) -> None:
    """emrex.md 4.22, 4.25: a registry may name or forget a receiver between page and yes."""
    walk = Simulation(client, "", utc_now)
    choosing = walk.send(walk.begin(), "/login", choice="vwo")
    preview = walk._everything(choosing, "/selection")

    page = walk.send(preview, "/consent", yes=["send", "unknown"], named="A name of before")

    assert page.status_code == 409
    assert "Something has changed. Look again at what would be sent." in page.text


def test_the_page_that_hands_over_can_send_nowhere_else(client: TestClient) -> None:
    """emrex.md 4.33: no form of it but the one, nothing kept, nobody told."""
    form = form_of(client.get(begun(client)).text, "/stop")
    page = client.post(form.action, data=dict(form.fields))

    assert page.text.count("<form") == 1
    assert "form-action https://emc.example.edu;" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_a_diploma_goes_as_a_whole_and_its_extract_is_genuine(
    client: TestClient, house: Instance
) -> None:
    """emrex.md 4.17 and 4.43: every result is in the XML, and the PDF proves itself."""
    outcome = Simulation(client, "", utc_now).run("vwo", certificates(house))
    inside = re.findall(rb"data:application/pdf;base64,([^<]+)", outcome.document)
    (persona,) = [one for one in PERSONAS if one.key == "vwo"]
    records = house.register.awards_of(persona.person_id)

    assert len(inside) == len(records)
    for result in (result for record in records for result in record.award.results):
        assert dict(result.subject.by_language)["nl"].encode() in outcome.document
    with Sandbox(size=1) as room:
        verifier = online_verifier(house, room)
        codes = {verifier.verify(base64.b64decode(one)).code for one in inside}
    assert codes == {VerdictCode.GENUINE_CURRENT}


def test_no_national_number_and_no_name_gets_out_by_another_way(
    client: TestClient, house: Instance
) -> None:
    """emrex.md 4.48 and 4.89: not in the document, not in an address, not in a log."""
    (persona,) = [one for one in PERSONAS if one.key == "nurse"]
    with capture_logs() as lines:
        outcome = Simulation(client, "", utc_now).run(persona.key, certificates(house))
    name = house.register.person(persona.person_id).name
    told = str(lines)

    assert persona.bsn.encode() not in outcome.document
    assert "/{lang}/emrex/t/{tid}/consent" in told
    for personal in (persona.bsn, name.surname, name.given, persona.person_id):
        assert personal not in told


def test_nobody_starts_transfers_without_end(client: TestClient) -> None:
    """emrex.md 4.10: one address has so many, and another still has its own."""
    codes: list[int] = []
    while 429 not in codes and len(codes) < 600:  # while we ask, some of it comes back
        codes.append(client.post(INIT, data=FORM, follow_redirects=False).status_code)

    assert codes[-1] == 429
    assert codes[:-1] == [303] * max(120, len(codes) - 1)


def test_our_entry_reads_back_in_both_forms(client: TestClient, house: Instance) -> None:
    """emrex.md 4.79 and 4.80: what registries will read of us, by our own reader."""
    for path in ("/emrex/emp-list.json", "/emrex/manifest.xml"):
        (one,) = providers(client.get(path).content)
        assert one.url == house.settings.url + "/emrex/init"
        assert one.certificates == certificates(house)
    assert client.get("/emrex/certificates.pem").text.count("BEGIN CERTIFICATE") == 1
    assert client.get("/emrex/metadata.json").json()["elmoVersion"] == "1.7"
    assert client.get("/emrex/ping").status_code == 204


@pytest.mark.judge
def test_our_entry_is_valid_by_the_schemas_of_both_registries(
    client: TestClient, house: Instance, tmp_path: Path
) -> None:
    """emrex.md 4.81; the one of EWP takes no address but https, as a real service has."""
    folder = judges.standards() / "elmo"
    schema = json.loads((folder / "registry" / "emreg-emp-list.schema.json").read_text())
    Draft6Validator(schema).validate(client.get("/emrex/emp-list.json").json())

    entry = folder / "registry" / "ewp-emrex-data-access-point-manifest-entry.xsd"
    text = entry.read_text()
    common = (folder / "xsd" / "references" / "ewp-common-types-stable-v1.xsd").as_uri()
    told = text.replace("../ewp-specs-architecture/common-types.xsd", common)
    assert told != text
    adapted, ours = tmp_path / "entry.xsd", tmp_path / "manifest.xml"
    adapted.write_text(told)
    ours.write_bytes(manifest(replace(entry_of(house), url="https://echt.example.nl/emrex/init")))
    done = by_schema(adapted, [ours])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("lang", ["nl", "en", "de"])
def test_the_validator_says_what_a_document_is_worth(
    client: TestClient, house: Instance, lang: str
) -> None:
    outcome = Simulation(client, "", utc_now).run("nurse", certificates(house))
    bent = outcome.document.replace(b"<status>passed", b"<status>failed", 1)
    said = {
        name: client.post(f"/{lang}/emrex/validate", files={"file": ("a.xml", data)}).text
        for name, data in (("whole", outcome.document), ("bent", bent), ("junk", b"\x00junk"))
    }

    assert 'data-signature="valid"' in said["whole"]
    assert 'data-reason="changed"' in said["bent"]
    assert 'data-signature="invalid"' in said["junk"]
    translate = translator(translations(), Language(lang))
    for name, words in (("whole", {NOTHING, ALONE}), ("junk", {UNREAD})):
        assert {one for one in (NOTHING, UNREAD, ALONE) if translate(one) in said[name]} == words
    told = client.post("/api/v1/elmo-validations", files={"file": ("a.xml", bent)}).json()
    assert (told["signature"], told["reason"]) == ("invalid", "changed")
    assert client.post("/api/v1/elmo-validations", files={"x": b""}).status_code == 400


def test_the_simulation_says_where_it_had_to_stop(client: TestClient) -> None:
    outcome = Simulation(client, "", utc_now).run("nobody", ())

    assert outcome.code == "STOPPED 400"
    assert list(outcome.seconds) == ["start", "login"]
    assert not is_good(outcome)


def test_every_person_of_the_demonstration_can_transfer(
    client: TestClient, house: Instance
) -> None:
    for persona in PERSONAS:
        outcome = Simulation(client, "", utc_now).run(persona.key, certificates(house))
        assert outcome.code in {"NCP_OK", "NCP_NO_RESULTS"}, persona.key
