"""Clients whose name the operator verified: shown with that name, or the service does not start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.errors import RegistryRefused
from emrex.exchange.clients import MAX_LOGO, PNG, clients_of, known_clients
from emrex.simulating import form_of
from tests.commands import echt, free_port
from tests.emrex.test_pages import FORM, begun
from tests.house import BASE, HERE, SAME_ORIGIN, furnish
from verifier.sandbox import Sandbox
from wiring import Instance

ORIGIN = "https://emc.example.edu"
ENTRY: Mapping[str, object] = {
    "origin": ORIGIN,
    "names": {"en": "University of Examples", "nl": "Universiteit van Voorbeelden"},
    "takesEmp": True,
    "logo": "logo.png",
    "source": "Telephone, 21 November 2026",
}


def file_of(folder: Path, *entries: object) -> Path:
    (folder / "logo.png").write_bytes(PNG + b"picture")
    (folder / "large.png").write_bytes(PNG + bytes(MAX_LOGO))
    (folder / "picture.svg").write_bytes(b"<svg onload='alert(1)'/>")
    file = folder / "clients.json"
    file.write_text(json.dumps({"clients": entries}), encoding="utf-8")
    return file


def test_a_file_of_an_operator_is_read(tmp_path: Path) -> None:
    """emrex.md 3.7, 4.22, 4.32."""
    found = clients_of(file_of(tmp_path, ENTRY))

    assert list(found) == [ORIGIN]
    client = found[ORIGIN]
    assert [client.name(lang) for lang in ("nl", "de")] == [
        "Universiteit van Voorbeelden",
        "University of Examples",
    ]
    assert client.takes_emp
    assert client.logo.startswith("data:image/png;base64,iVBOR")
    assert client.named_at is None


def test_our_own_list_has_every_name_in_three_languages() -> None:
    assert all(set(one.names) == {"nl", "en", "de"} for one in known_clients().values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"origin": "http://emc.example.edu"}, "client 2: The field returnUrl begins with"),
        ({"origin": "https://emc.example.edu/back"}, "client 2: `origin`"),
        ({"origin": "https://emc.example.edu:443"}, "client 2: `origin`"),
        ({"origin": "https://10.0.0.1"}, "client 2: "),
        ({"origin": None}, "client 2: `origin`"),
        ({"origin": "https://other.example.edu"}, "client 2: https://other.example.edu stands"),
        ({"names": {"nl": "Zonder Engels"}}, "client 2: `names`"),
        ({"names": {"en": "X", "fr": "X"}}, "client 2: `names`"),
        ({"names": {"en": " "}}, "client 2: a name"),
        ({"names": {"en": "x" * 101}}, "client 2: a name"),
        ({"names": {"en": "University\u202e of"}}, "client 2: a name"),
        ({"names": "X"}, "client 2: `names`"),
        ({"takesEmp": "true"}, "client 2: `takesEmp`"),
        ({"logo": "../logo.png"}, "client 2: `logo`"),
        ({"logo": "large.png"}, "client 2: `logo`"),
        ({"logo": "picture.svg"}, "client 2: `logo`"),
        ({"logo": "absent.png"}, "client 2: "),
        ({"trusted": True}, "client 2: its members"),
    ],
)
def test_one_fault_refuses_the_file_and_says_where_it_is(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    first = {"origin": "https://other.example.edu", "names": {"en": "Other"}}

    with pytest.raises(RegistryRefused) as refused:
        clients_of(file_of(tmp_path, first, {**ENTRY, **change}))

    assert refused.value.reason.startswith(f"ECHT_EMREX_CLIENTS: {said}")


@pytest.mark.parametrize("data", ["", "[", "[]", "{}", '{"clients": {}}', '{"clients": [1]}'])
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, data: str) -> None:
    file = tmp_path / "clients.json"
    file.write_text(data, encoding="utf-8")

    with pytest.raises(RegistryRefused):
        clients_of(file)
    with pytest.raises(RegistryRefused):
        clients_of(tmp_path / "absent.json")


def test_a_file_with_a_fault_stops_the_start(tmp_path: Path) -> None:
    file, home = file_of(tmp_path, {**ENTRY, "names": {}}), tmp_path / "home"
    home.mkdir()
    furnish(home, people=1).close()

    ended = echt(home, "serve", "--port", str(free_port()), ECHT_EMREX_CLIENTS=str(file))

    assert ended.returncode not in {0, 1}
    assert "ECHT_EMREX_CLIENTS: client 1: `names`" in ended.stderr


@pytest.mark.parametrize(
    ("lang", "name"),
    [
        ("nl", "Universiteit van Voorbeelden"),
        ("en", "University of Examples"),
        ("de", "University of Examples"),
    ],
)
def test_a_verified_name_is_shown_with_its_logo_and_without_a_warning(
    house: Instance, sandbox: Sandbox, tmp_path: Path, lang: str, name: str
) -> None:
    """emrex.md 4.22, 4.32, 6.1: and the answer has the codes that this client takes."""
    chosen = {"emrex_clients": file_of(tmp_path, ENTRY)}
    instance = Instance(house.settings.model_copy(update=chosen))
    site = serving.whole_site(instance, online_verifier(instance, sandbox))
    with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
        page = client.get(begun(client, lang=lang))
        stop = form_of(page.text, "/stop")
        answer = client.post(stop.action, data=dict(stop.fields))
    instance.close()

    assert f"<b>{name}</b>" in page.text
    assert 'id="unknown-receiver"' not in page.text
    assert 'src="data:image/png;base64,' in page.text
    assert form_of(answer.text, FORM["returnUrl"]).fields["returnCode"] == "EMP_CANCEL"
