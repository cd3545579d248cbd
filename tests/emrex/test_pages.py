"""A transfer over HTTP, on the whole site, as a browser without scripts goes through it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.registry.reading import providers
from emrex.simulating import Simulation, form_of, is_good
from register.synthetic.personas import PERSONAS
from tests import judges
from tests.emrex.test_signed_documents import pem, valid_against, xmlsec_accepts
from verifier.sandbox import Sandbox
from wiring import Instance

URL = "http://127.0.0.1:8000"
FORM = {"sessionId": "a+/=&<\"é'b", "returnUrl": "https://emc.example.edu/back?a=1&b=2"}


@pytest.fixture(name="site", scope="module")
def _site(house: Instance) -> Iterator[TestClient]:
    with Sandbox(size=1) as room:
        site = serving.whole_site(house, online_verifier(house, room))
        with TestClient(site, base_url=URL, raise_server_exceptions=False) as client:
            yield client


@pytest.fixture(name="client")
def _client(site: TestClient) -> TestClient:
    site.cookies.clear()
    return site


def certificates(house: Instance) -> tuple[bytes, ...]:
    return house.service_signer("emrex").chain[:1]


@pytest.mark.parametrize("lang", ["nl", "en", "de"])
def test_a_whole_transfer_ends_in_a_document_that_others_accept(
    client: TestClient, house: Instance, tmp_path: Path, lang: str
) -> None:
    """emrex.md 4.1, 4.9, 4.26, 4.28 to 4.31."""
    outcome = Simulation(client, "").run("hbo", certificates(house), lang=lang)

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
    outcome = Simulation(client, "").run("vwo", certificates(house))
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
        ({"json": FORM}, 400),
        ({"files": {"sessionId": b"s"}}, 400),
        ({"content": b"sessionId=s", "headers": {"content-type": "text/plain"}}, 400),
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
    Simulation(client, "").run("vwo", ())
    page = client.get(begun(client))

    assert "Continue to log in" in page.text
    assert "VWO" not in page.text


def test_an_unknown_receiver_is_named_and_has_to_be_ticked(client: TestClient) -> None:
    """emrex.md 4.22, 4.23, 3.7: host twice, and a second box; nothing is ticked before."""
    walk = Simulation(client, "", return_url=FORM["returnUrl"])
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
    assert "form-action 'self' https://emc.example.edu;" in policy
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


def test_two_transfers_in_one_browser_do_not_mix(client: TestClient, house: Instance) -> None:
    """emrex.md 4.11."""
    first, second = Simulation(client, ""), Simulation(client, "")
    pages = [first.begin(), second.begin()]
    first.send(pages[0], "/stop")

    outcome = second.run("hbo", certificates(house))

    assert outcome.code == "NCP_OK"


def test_another_browser_cannot_go_on(client: TestClient) -> None:
    """emrex.md 4.12."""
    path = begun(client)
    client.cookies.clear()

    assert client.get(path).status_code == 404


def test_a_login_that_fails_leads_back_with_an_answer(client: TestClient) -> None:
    """emrex.md 4.14."""
    walk = Simulation(client, "")
    page = walk.send(walk.begin(), "/login", choice="vwo")
    assert "Which diplomas" in page.text
    page = walk.begin()
    path = form_of(page.text, "/login").action.removesuffix("/login")

    refused = client.get(path + "?login=login-refused")
    assert "Logging in did not work" in refused.text
    assert walk.judged(walk.send(refused, "/stop"), ()).code in {"NCP_ERROR", "NCP_CANCEL"}


def test_our_entry_reads_back_in_both_forms(client: TestClient, house: Instance) -> None:
    """emrex.md 4.79 to 4.81."""
    for path in ("/emrex/emp-list.json", "/emrex/manifest.xml"):
        (one,) = providers(client.get(path).content)
        assert one.url == house.settings.url + "/emrex/init"
        assert one.certificates == certificates(house)
    folder = judges.standards() / "elmo" / "registry"
    schema = folder / "ewp-emrex-data-access-point-manifest-entry.xsd"
    assert etree.parse(schema)
    assert client.get("/emrex/certificates.pem").text.count("BEGIN CERTIFICATE") == 1
    assert client.get("/emrex/metadata.json").json()["elmoVersion"] == "1.7"
    assert client.get("/emrex/ping").status_code == 204


@pytest.mark.parametrize("lang", ["nl", "en", "de"])
def test_the_validator_says_what_a_document_is_worth(
    client: TestClient, house: Instance, lang: str
) -> None:
    outcome = Simulation(client, "").run("hbo", certificates(house))
    bent = outcome.document.replace(b"2001", b"2002", 1)
    said = {
        name: client.post(f"/{lang}/emrex/validate", files={"file": ("a.xml", data)}).text
        for name, data in (("whole", outcome.document), ("bent", bent), ("junk", b"\x00junk"))
    }

    assert 'data-signature="valid"' in said["whole"]
    assert 'data-reason="changed"' in said["bent"]
    assert 'data-signature="invalid"' in said["junk"]
    told = client.post("/api/v1/elmo-validations", files={"file": ("a.xml", bent)}).json()
    assert (told["signature"], told["reason"]) == ("invalid", "changed")
    assert client.post("/api/v1/elmo-validations", files={"x": b""}).status_code == 400


def test_every_person_of_the_demonstration_can_transfer(
    client: TestClient, house: Instance
) -> None:
    for persona in PERSONAS:
        outcome = Simulation(client, "").run(persona.key, certificates(house))
        assert outcome.code in {"NCP_OK", "NCP_NO_RESULTS"}, persona.key
