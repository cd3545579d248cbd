"""platform.md 4.1.8: web, signer and verifier as three processes under three users.

The kernel is the judge: what a role may not open, it cannot open.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import RSAKey
from jwcrypto.jwk import JWKSet

from credentials.channel import Channel
from credentials.errors import SealingPaused
from credentials.line import SignerLine
from credentials.remote import RemoteExtracts
from emrex.registry.reading import providers
from emrex.simulating import RETURN_URL, Simulation, form_of
from keys.hierarchy import utc_now
from register.importing import import_lines
from register.synthetic.generate import write
from register.synthetic.personas import PERSONAS
from settings import Settings
from tests.commands import free_port
from tests.contracts.memory_ledger import MemoryLedger
from tests.emrex.two.outside import Emc, Holder, verified
from tests.house import SAME_ORIGIN, log_in, token_in
from tests.judges import ROOT
from tests.other_users import Python, python_for_everybody, require_root
from wiring import Instance

pytestmark = pytest.mark.slow

SIGNER, WEB, VERIFIER, DATABASE = 64_001, 64_002, 64_003, 64_100
"""Three users, and the group of those who share the database and the socket."""
PATIENCE = 300.0
EMC = Emc("emc-nl-uva", "https://emc.example.edu/back", RSAKey.generate_key(2048))
TRY_TO_OPEN = """
import json, sys
def opened(path):
    try:
        with open(path, "rb"):
            return "opened"
    except OSError as error:
        return type(error).__name__
print(json.dumps({path: opened(path) for path in sys.argv[1:]}))
"""


@dataclass(frozen=True, slots=True)
class Estate:
    """What each role has on disk."""

    folder: Path
    python: Python

    @property
    def signer(self) -> Path:
        return self.folder / "signer"

    @property
    def web(self) -> Path:
        return self.folder / "web"

    @property
    def verifier(self) -> Path:
        return self.folder / "verifier"

    @property
    def shared(self) -> Path:
        return self.folder / "shared"

    @property
    def socket(self) -> Path:
        return self.folder / "run" / "signer.sock"

    @property
    def private_files(self) -> list[str]:
        """Everything with which somebody could sign, or pass for the signer."""
        keys = sorted((self.signer / "keys").glob("*.key"))
        return [str(one) for one in (*keys, self.signer / "secrets" / "channel" / "signer.key")]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "ECHT_DATABASE_URL": f"sqlite:///{self.shared / 'echt.db'}",
            "ECHT_VAULT_KEY_FILE": str(self.shared / "vault.key"),
            "ECHT_SIGNER_SOCKET": str(self.socket),
            "ECHT_EMREX2__CLIENTS_FILE": str(self.shared / "clients.json"),
        }

    def may_open(self, user: int, *paths: str) -> dict[str, str]:
        """What the kernel says to a user who tries to open files."""
        groups = [DATABASE] if user != VERIFIER else []
        said: dict[str, str] = json.loads(
            self.python.run(TRY_TO_OPEN, *paths, user=user, groups=groups)
        )
        return said


@pytest.fixture(scope="module", name="estate")
def _estate() -> Iterator[Estate]:
    require_root()
    with tempfile.TemporaryDirectory(prefix="echt-roles-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        (folder / "python").mkdir()
        estate = Estate(folder, python_for_everybody(folder / "python"))
        _furnish(estate)
        yield estate


def _furnish(estate: Estate) -> None:
    """Lay out what an operator lays out (docs/custody.md)."""
    for role in (estate.signer, estate.web, estate.verifier):
        role.mkdir(mode=0o700)
        (role / "secrets" / "channel").mkdir(parents=True)
    estate.shared.mkdir()
    settings = Settings(
        home=estate.signer,
        database_url=estate.environment["ECHT_DATABASE_URL"],
        vault_key_file=estate.shared / "vault.key",
    )
    (estate.shared / "clients.json").write_text(json.dumps([EMC.entry]))
    settings.vault_key_file.write_bytes(os.urandom(32))  # type: ignore[union-attr]
    instance = Instance(settings)
    write(estate.folder / "people.jsonl", people=1, seed=1)
    import_lines(estate.folder / "people.jsonl", instance.writer)
    instance.keyring.make()
    instance.close()
    _share(estate)
    for role, user in ((estate.signer, SIGNER), (estate.web, WEB), (estate.verifier, VERIFIER)):
        _give(role, user)


def _share(estate: Estate) -> None:
    """The line's certificates, each end without the other's key; database; trust list; socket."""
    (estate.signer / "secrets" / "channel").rmdir()
    channel = Channel(estate.signer / "secrets" / "channel")
    channel.make(datetime.now(UTC))
    for name in ("web.key", "web.pem", "signer.pem"):
        shutil.copy(channel.folder / name, estate.web / "secrets" / "channel" / name)
    (channel.folder / "web.key").unlink()
    for role in (estate.web, estate.verifier):
        shutil.copytree(estate.signer / "trust", role / "trust")
    run = estate.folder / "run"
    run.mkdir()
    for folder in (estate.shared, run):
        os.chown(folder, SIGNER, DATABASE)
        folder.chmod(0o2770 if folder is estate.shared else 0o2750)
    for file in estate.shared.iterdir():
        os.chown(file, SIGNER, DATABASE)
        file.chmod(0o660)


def _give(folder: Path, user: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user)


@dataclass(frozen=True, slots=True)
class Running:
    """A role that is up."""

    process: subprocess.Popen[bytes]
    address: str


@pytest.fixture(scope="module", name="roles")
def _roles(estate: Estate) -> Iterator[dict[str, Running]]:
    """The signer first; then the others, at the same time."""
    with ExitStack() as stack:
        signer = stack.enter_context(_role(estate, "signer", SIGNER))
        _wait_for("signer", signer, partial(_signer_answers, estate))
        web = stack.enter_context(_role(estate, "web", WEB))
        verifier = stack.enter_context(_role(estate, "verifier", VERIFIER))
        for role, one in (("web", web), ("verifier", verifier)):
            _wait_for(role, one, partial(_site_answers, one.address))
        yield {"signer": signer, "web": web, "verifier": verifier}


@contextmanager
def _role(estate: Estate, role: str, user: int) -> Iterator[Running]:
    """One role of the product's own command, stopped by its own pid."""
    port = free_port()
    environment = estate.environment if role != "verifier" else {}
    command = [str(ROOT / "main.py"), "--home", str(estate.folder / role), "serve"]
    process = estate.python.start(
        [*command, "--role", role, "--port", str(port)],
        user=user,
        groups=[DATABASE] if role != "verifier" else [],
        environment=environment,
    )
    with process:
        try:
            yield Running(process, f"http://127.0.0.1:{port}")
        finally:
            process.kill()


def _wait_for(role: str, one: Running, answers: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while one.process.poll() is None and time.monotonic() < until:
        if answers():
            return
        time.sleep(0.1)
    one.process.kill()
    raise AssertionError(f"{role}: {one.process.communicate()[1].decode()[-2000:]}")


def _signer_answers(estate: Estate) -> bool:
    channel = Channel(estate.web / "secrets" / "channel")
    line = SignerLine(estate.socket, channel)
    extracts = RemoteExtracts(line, MemoryLedger(), lambda: datetime.now(UTC))
    try:
        extracts.ping()
    except SealingPaused:
        return False
    return True


def _site_answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/livez").is_success
    except httpx2.TransportError:
        return False


@pytest.fixture(name="visitor")
def _visitor(roles: dict[str, Running]) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        base_url=roles["web"].address, headers=SAME_ORIGIN, follow_redirects=True, timeout=PATIENCE
    ) as client:
        yield client


def download(visitor: httpx2.Client) -> httpx2.Response:
    log_in(visitor, PERSONAS[0].key)  # type: ignore[arg-type]  # a client over a real socket
    page = visitor.get("/en/diplomas").text
    award = page.split("/en/diplomas/")[1].split('"')[0]
    preview = visitor.get(f"/en/diplomas/{award}/extract?language=en&purpose=general").text
    form = {"language": "en", "purpose": "general", "form_token": token_in(preview)}
    return visitor.post(f"/en/diplomas/{award}/extract", data=form)


def test_a_holder_downloads_a_sealed_extract_from_a_web_role_without_keys(
    roles: dict[str, Running], visitor: httpx2.Client
) -> None:
    issued = download(visitor)

    assert issued.headers["content-type"] == "application/pdf"
    assert issued.content.startswith(b"%PDF-1.7")
    files = {"file": ("x.pdf", issued.content, "application/pdf")}
    address = f"{roles['verifier'].address}/api/v1/verifications"
    verdict = httpx2.post(address, files=files, headers=SAME_ORIGIN, timeout=PATIENCE).json()
    assert verdict["code"] == "GENUINE_STATUS_UNKNOWN"
    assert httpx2.get(f"{roles['web'].address}/readyz").is_success


def test_an_employer_gets_a_receipt_from_a_web_role_without_keys(visitor: httpx2.Client) -> None:
    """verifier.md 3.9: of our own file, and of one that nobody issued; docs/receipts.md."""
    issued = download(visitor).content
    for data, code in ((issued, "GENUINE_CURRENT"), (b"%PDF-1.7 of nobody", "CANNOT_CHECK")):
        files = {"file": ("x.pdf", data, "application/pdf")}

        made = visitor.post("/api/v1/receipts", files=files)

        assert made.status_code == 201
        receipt = {"receipt": made.json()["receipt"]}
        checked = visitor.post("/api/v1/receipts/_check", json=receipt).json()
        assert (checked["standing"], checked["content"]["verdict"]) == ("OURS", code)


def certificates(visitor: httpx2.Client) -> list[bytes]:
    """What the web role publishes for registries and clients."""
    loaded = x509.load_pem_x509_certificates(visitor.get("/emrex/certificates.pem").content)
    return [one.public_bytes(Encoding.DER) for one in loaded]


def test_a_holder_transfers_results_from_a_web_role_without_keys(visitor: httpx2.Client) -> None:
    """emrex.md 4.60: the signer makes the document; web publishes what it is verified with."""
    published = certificates(visitor)
    outcome = Simulation(visitor, "", utc_now).run("nurse", published)

    assert (outcome.code, outcome.signature, outcome.findings) == ("NCP_OK", "valid", 0)
    file = {"file": ("a.xml", outcome.document)}
    checked = visitor.post("/api/v1/elmo-validations", files=file).json()
    assert (checked["signature"], checked["findings"]) == ("valid", [])
    for form in ("emp-list.json", "manifest.xml"):
        (listed,) = providers(visitor.get(f"/emrex/{form}").content)
        assert list(listed.certificates) == published[: len(listed.certificates)]


def test_a_client_fetches_signed_results_from_a_web_role_without_keys(
    roles: dict[str, Running],
) -> None:
    """EMREX 2.0: the signer signs what is in its own document, and the web role carries it."""
    address = roles["web"].address
    with httpx2.Client(base_url=address, follow_redirects=True, timeout=PATIENCE) as browser:
        emc = replace(EMC, site=browser, base=address)
        token = emc.grant(Holder(browser).back(emc.address(), "vwo")["code"])
        keys = JWKSet.from_json(browser.get("/jwks.json").text)
        elmo, pdf = (emc.results(token["access_token"], data_format=one) for one in ("elmo", "pdf"))

    assert verified(elmo, keys)["aud"] == verified(pdf, keys)["aud"] == EMC.client_id
    assert b64encode(pdf.content) in elmo.content


def test_a_transfer_without_a_signer_answers_the_client(
    estate: Estate, visitor: httpx2.Client
) -> None:
    """emrex.md 3.2, 4.36: NCP_ERROR in time, words for the holder, and no receipt."""
    walk = Simulation(visitor, "", utc_now)
    nobody_else = "merger-chain"  # shares nothing in another test
    page = walk.send(walk.begin(), "/login", choice=nobody_else)
    record = re.findall(r'name="record" value="([^"]+)"', page.text)
    page = walk.send(page, "/selection", record=record)
    estate.socket.rename(estate.socket.with_suffix(".away"))
    try:
        page = walk.send(page, "/consent", yes=["send", "unknown"])
        still_published = certificates(visitor)
    finally:
        estate.socket.with_suffix(".away").rename(estate.socket)

    assert page.status_code == 200
    assert "That did not work. Nothing was sent" in page.text
    told = form_of(page.text, RETURN_URL).fields
    assert told["returnCode"] == "NCP_ERROR"
    assert told["returnMessage"].endswith("Please try again later.")
    assert len(still_published) >= 1
    assert "You have not sent any results yet." in visitor.get("/en/emrex/receipts").text


def test_web_and_verifier_cannot_open_a_key(estate: Estate, roles: dict[str, Running]) -> None:
    """platform.md 4.1.8 and 3.1: an exploit in the web process finds no key to use."""
    assert len(roles) == 3
    assert len(estate.private_files) >= 8
    for user in (WEB, VERIFIER):
        said = estate.may_open(user, *estate.private_files)
        assert set(said.values()) == {"PermissionError"}
    assert set(estate.may_open(SIGNER, *estate.private_files).values()) == {"opened"}


def test_the_verifier_can_open_neither_database_nor_socket_nor_secret(
    estate: Estate, roles: dict[str, Running]
) -> None:
    assert len(roles) == 3
    secrets = [
        estate.shared / "echt.db",
        estate.shared / "vault.key",
        estate.web / "secrets" / "channel" / "web.key",
        estate.socket,
    ]
    names = [str(one) for one in secrets]

    assert set(estate.may_open(VERIFIER, *names).values()) == {"PermissionError"}
    assert set(estate.may_open(WEB, *names[:3]).values()) == {"opened"}


def test_no_process_but_the_signer_holds_a_file_of_the_keys(
    estate: Estate, roles: dict[str, Running], visitor: httpx2.Client
) -> None:
    download(visitor)

    for role in ("web", "verifier"):
        descriptors = Path(f"/proc/{roles[role].process.pid}/fd")
        held = [str(one.readlink()) for one in descriptors.iterdir() if one.is_symlink()]
        assert held
        assert not any(one.startswith(str(estate.signer)) for one in held)
        assert _user_of(roles[role]) != SIGNER


def _user_of(one: Running) -> int:
    return Path(f"/proc/{one.process.pid}").stat().st_uid


def test_a_web_role_without_its_signer_queues_and_says_so(
    estate: Estate, roles: dict[str, Running], visitor: httpx2.Client
) -> None:
    """platform.md 4.2 D3: pages and previews go on; no weaker seal, no error page."""
    name = estate.socket
    name.rename(name.with_suffix(".away"))
    try:
        log_in(visitor, PERSONAS[1].key)  # type: ignore[arg-type]
        page = visitor.get("/en/diplomas").text
        award = page.split("/en/diplomas/")[1].split('"')[0]
        preview = visitor.get(f"/en/diplomas/{award}/extract?language=en&purpose=general")
        form = {"language": "en", "purpose": "general", "form_token": token_in(preview.text)}
        answer = visitor.post(f"/en/diplomas/{award}/extract", data=form)
        ready = httpx2.get(f"{roles['web'].address}/readyz")
    finally:
        name.with_suffix(".away").rename(name)

    assert preview.status_code == 200
    assert not answer.content.startswith(b"%PDF")
    assert answer.status_code < 500
    assert ready.status_code == 503
