"""What a role opens, and what it must not have."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

import serving
from checking import lone_verifier
from running import listening
from settings import OidcSettings, ProcessRole, Settings, check_production
from tests.house import BASE, HERE, SAME_ORIGIN, SealedExtract
from verifier.sandbox import Sandbox
from web.login import Level
from web.oidc import Oidc
from web.problems import kinds_of
from wiring import Instance

pytestmark = pytest.mark.slow

OIDC = OidcSettings(
    issuer="https://login.example",
    client_id="echt",
    client_secret=SecretStr("a secret of the operator"),
    levels={"loa3": "substantial", "loa1": "low"},
)


def test_the_verifier_role_needs_the_trust_list_and_nothing_else(
    house: Instance, hard_extracts: list[SealedExtract], sandbox: Sandbox, tmp_path: Path
) -> None:
    """verifier.md 3.10, platform.md 3.1: no database, no key, and never green."""
    shutil.copytree(house.trust_folder, tmp_path / "trust")
    lone = Instance(Settings(home=tmp_path))
    site = serving.verifier_site(lone, lone_verifier(lone.settings, sandbox))
    extract = hard_extracts[0]

    with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
        files = {"file": ("x.pdf", extract.path.read_bytes(), "application/pdf")}
        verdict = client.post("/api/v1/verifications", files=files).json()
        trust = client.get("/.well-known/echt-trust.json")
        holder = client.get("/en/diplomas")
        start = client.get("/en/")

    assert verdict["code"] == "GENUINE_STATUS_UNKNOWN"
    assert verdict["facts"]["number"] == extract.number
    assert trust.content == (house.trust_folder / "echt-trust.json").read_bytes()
    assert holder.status_code == 404
    assert start.status_code == 200
    assert [path.name for path in tmp_path.iterdir()] == ["trust"]


def test_the_trust_list_is_published_with_its_bundle(house: Instance, visitor: TestClient) -> None:
    listed = visitor.get("/.well-known/echt-trust.json")
    plain = visitor.get("/.well-known/echt-trust.json", headers={"Accept-Encoding": "identity"})
    bundle = visitor.get("/.well-known/echt-trust.pem")

    assert listed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert listed.content == plain.content == (house.trust_folder / "echt-trust.json").read_bytes()
    assert set(json.loads(listed.content)) >= {"payload", "signature"}
    assert bundle.content == (house.trust_folder / "echt-trust.pem").read_bytes()
    assert bundle.text.count("BEGIN CERTIFICATE") >= 3
    assert visitor.get("/.well-known/states.json").status_code == 404


def test_the_settings_of_a_login_service_become_a_relying_party(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, oidc=OIDC)
    provider = serving._login(Instance(settings))
    config = serving._oidc(OIDC)

    assert isinstance(provider, Oidc)
    assert provider.origins == ("https://login.example",)
    assert config.levels == {"loa3": Level.SUBSTANTIAL, "loa1": Level.LOW}
    assert "a secret of the operator" not in repr(settings)
    assert "a secret of the operator" not in repr(config)


def test_the_demo_login_cannot_be_built_in_production(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="persona picker"):
        serving._login(Instance(Settings(home=tmp_path, production=True)))


def test_a_developers_settings_are_not_a_production_configuration(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, production=True)

    assert len(check_production(settings)) == 7
    assert check_production(Settings(home=tmp_path)) == []


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        (ProcessRole.ALL, 7),
        (ProcessRole.WEB, 5),
        (ProcessRole.SIGNER, 5),
        (ProcessRole.WORKER, 5),
        (ProcessRole.VERIFIER, 2),
    ],
)
def test_a_role_is_asked_only_for_what_it_may_have(
    tmp_path: Path, role: ProcessRole, asked: int
) -> None:
    """platform.md 3.1: no database for a verifier, no token for the web role."""
    settings = Settings(home=tmp_path, production=True)

    assert len(check_production(settings, role)) == asked


OPERATED = {
    "/oauth/token",
    "challenges",
    "elmo-validations",
    "hash-buckets",
    "hash-buckets/{prefix}",
    "receipts",
    "receipts/_check",
    "status-buckets",
    "status-buckets/{prefix}",
    "verification-jobs",
    "verification-jobs/{jobId}",
    "verifications",
    "verifications/_render",
}


def test_every_answer_of_the_whole_site_has_its_headers(visitor: TestClient) -> None:
    """platform.md 4.1.13 over the composed service, whatever the answer."""
    for path in ("/", "/en/", "/en/verify", "/en/diplomas", "/en/nowhere", "/readyz", "/api/v1/x"):
        headers = visitor.get(path, follow_redirects=False).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]


def test_the_description_of_the_api_is_openapi_with_a_contact(visitor: TestClient) -> None:
    """verifier.md 2.5 and 4.21: nothing personal can be put in a path or query."""
    described = visitor.get("/api/v1/openapi.json").json()

    assert described["openapi"].startswith("3.1")
    assert described["info"]["contact"]["url"]
    assert {path.removeprefix("/api/v1/") for path in described["paths"]} == OPERATED
    operation = described["paths"]["/api/v1/verifications"]["post"]
    assert "422" not in operation["responses"]
    assert operation.get("parameters", []) == []


@pytest.mark.parametrize("page", ["contact", "privacy", "check-without-us"])
def test_an_address_as_it_stands_on_paper_leads_to_a_page(visitor: TestClient, page: str) -> None:
    answer = visitor.get(f"/{page}", headers={"Accept-Language": "de"}, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/de/{page}")


@pytest.mark.parametrize("path", ["/api/v1/verifications", "/en/verify", "/en/login", "/en/logout"])
@pytest.mark.parametrize("charset", ["undefined", "no-such", "utf-7"])
def test_a_charset_that_nobody_has_is_no_error_of_ours(
    visitor: TestClient, path: str, charset: str
) -> None:
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n'

    assert visitor.post(path, content=body, headers=headers).status_code < 500


def test_no_two_rooms_call_a_problem_the_same() -> None:
    """The later one would take the page and the words of the other."""
    named = [kind for family in serving.FAMILIES for kind in kinds_of(family)]

    assert sorted(named) == sorted(serving.KINDS)


def test_no_part_of_an_answer_waits_until_the_client_has_acknowledged_another() -> None:
    """Nagle's algorithm and a client's delayed acknowledgement cost 40 ms for each answer."""

    async def set_at_a_visit() -> int:
        seen: asyncio.Queue[int] = asyncio.Queue()

        def visited(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection: socket.socket = writer.get_extra_info("socket")
            seen.put_nowait(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listening("127.0.0.1", 0) as door:
            async with await asyncio.start_server(visited, sock=door):
                _, writer = await asyncio.open_connection(*door.getsockname())
                writer.close()
                return await seen.get()

    assert asyncio.run(set_at_a_visit()) == 1
