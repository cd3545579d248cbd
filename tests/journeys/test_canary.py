"""A canary BSN and a canary name go through every journey and turn up nowhere they do not belong.

register.md 4.14, platform.md 4.2 I5: import, login, download and verify; logs, addresses,
headers, errors, the database file, file names, and other people's documents.
"""

from __future__ import annotations

import io
import json
import logging
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from credentials.extract import Language
from register.importing import import_lines
from register.names import full_name
from register.synthetic.personas import CANARY, PERSONAS
from tests import judges
from tests.house import furnish, log_in, token_in
from verifier.sandbox import Sandbox
from web import logs
from web.personas import Persona, PersonaProvider
from wiring import Instance

pytestmark = pytest.mark.slow

MARK = b"octets of an upload 7f3a91"
"""In files that were only sent to be checked."""
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Trail:
    """Everything that one run of all journeys left behind."""

    instance: Instance
    surname: str
    scratch: Path
    """Where everything in this process puts what it keeps for a moment."""
    log: io.StringIO = field(default_factory=io.StringIO)
    own: list[Response] = field(default_factory=list)
    """Answers on the canary's own pages, which may name the canary."""
    other: list[Response] = field(default_factory=list)
    """Every other answer."""
    documents: dict[str, bytes] = field(default_factory=dict)

    def everything_said(self) -> Iterator[str]:
        """All text that left the house, with the addresses and headers it left under."""
        for answer in (*self.own, *self.other):
            yield str(answer.request.url)
            yield str(dict(answer.headers))
            yield answer.text if "pdf" not in answer.headers.get("content-type", "") else ""


@pytest.fixture(name="trail", scope="module")
def _trail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trail]:
    scratch, before = tmp_path_factory.mktemp("scratch"), tempfile.tempdir
    tempfile.tempdir = str(scratch)
    instance = furnish(tmp_path_factory.mktemp("canary"), people=5)
    surname = instance.register.person(CANARY.person_id).name.surname
    trail = Trail(instance, surname, scratch)
    logs.configure(trail.log)
    people = tuple(Persona(one.key, one.label, one.bsn) for one in (*PERSONAS, CANARY))
    login = PersonaProvider(people, production=False)
    with Sandbox(size=1) as room:
        site = serving.whole_site(instance, online_verifier(instance, room), login)
        with TestClient(
            site,
            base_url="http://127.0.0.1:8000",
            headers=SAME_ORIGIN,
            raise_server_exceptions=False,
        ) as client:
            fly(client, trail)
    yield trail
    logs.configure(io.StringIO())
    instance.close()
    tempfile.tempdir = before


def fly(client: TestClient, trail: Trail) -> None:
    """Every journey once, with the canary in it."""
    trail.own.append(log_in(client, "canary"))
    (record, *_) = trail.instance.register.awards_of(CANARY.person_id)
    path = f"/en/diplomas/{record.award.award_id}"
    trail.own += [client.get(path), client.get(f"{path}/extract")]
    form = {"form_token": token_in(trail.own[-1].text), "purpose": "work"}
    for language in Language:
        answer = client.post(f"{path}/extract", data=form | {"language": language})
        assert answer.status_code == 200
        trail.documents[language] = answer.content
        trail.own.append(answer)
    trail.other.append(client.get(f"{path}/extract", params={"language": "xx"}))
    pdf = trail.documents["nl"]
    large = pdf + MARK + bytes(2_000_000)
    for upload in (pdf, pdf[:-700], pdf.replace(b"%%EOF", b"%%EOG"), b"%PDF-1.7 " + MARK, large):
        files = {"file": (f"{trail.surname} {CANARY.bsn}.pdf", upload, "application/pdf")}
        trail.own.append(client.post("/nl/verify", files=files))
        trail.own.append(client.post("/api/v1/verifications", files=files))
    trail.own.append(client.get("/en/diplomas"))
    client.post("/en/logout", data={"form_token": token_in(trail.own[-1].text)})
    trail.other.append(client.post("/en/logout", data={"form_token": CANARY.bsn}))
    trail.other.append(client.get(f"/en/{trail.surname}"))
    trail.other.append(client.post("/api/v1/verifications", data={"bsn": CANARY.bsn}))
    trail.other.append(log_in(client, "nurse"))
    trail.other.append(client.get(path))


def test_the_canary_really_flew(trail: Trail) -> None:
    said = " ".join(
        answer.text for answer in trail.own if answer.headers["content-type"] != "application/pdf"
    )

    assert trail.surname in said
    assert "GENUINE_CURRENT" in said
    assert len(trail.documents) == 3
    assert trail.log.getvalue().count('"event": "request"') >= 18


def test_the_number_is_in_no_answer_address_or_header(trail: Trail) -> None:
    echoes = [text for text in trail.everything_said() if CANARY.bsn in text]

    # The one place where a visitor typed it into the address line themselves is not ours to hide.
    assert echoes == []


def test_neither_number_nor_name_is_in_the_log(trail: Trail) -> None:
    log = trail.log.getvalue()

    assert CANARY.bsn not in log
    assert trail.surname not in log


def test_the_name_is_on_nobody_elses_page(trail: Trail) -> None:
    for answer in trail.other:
        assert trail.surname not in answer.text
        assert trail.surname not in str(answer.headers)


def test_the_number_is_in_no_file_of_the_instance(trail: Trail) -> None:
    """The vault keeps it encrypted: not in the database, its journal, the archive or a name."""
    trail.instance.engine.dispose()
    home = trail.instance.settings.home
    needle = CANARY.bsn.encode()
    found = [
        path.relative_to(home)
        for path in home.rglob("*")
        if path.is_file() and path.name != "people.jsonl" and needle in path.read_bytes()
    ]

    assert found == []
    assert not [path for path in home.rglob("*") if CANARY.bsn in path.name]
    assert not [path for path in home.rglob("*") if trail.surname.lower() in path.name.lower()]


def test_a_file_that_was_only_checked_is_nowhere_afterwards(trail: Trail) -> None:
    """verifier.md 4.19 and 3.7, rule 5: neither kept nor put aside, also a large one."""
    folders = (trail.instance.settings.home, trail.scratch)
    found = [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and MARK in path.read_bytes()
    ]

    assert found == []
    assert MARK.decode() not in trail.log.getvalue()


def test_the_number_is_in_no_stream_of_a_document(trail: Trail, tmp_path: Path) -> None:
    """register.md 3.6 row 43: PDFs with every stream decoded."""
    qpdf = judges.require("qpdf")
    for language, document in trail.documents.items():
        sealed, plain = tmp_path / f"{language}.pdf", tmp_path / f"{language}.qdf"
        sealed.write_bytes(document)
        command = [qpdf, "--qdf", "--object-streams=disable", str(sealed), str(plain)]
        subprocess.run(command, check=True, capture_output=True)
        assert CANARY.bsn.encode() not in plain.read_bytes()


def test_a_refused_import_line_is_reported_without_its_values(
    trail: Trail, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = full_name(trail.instance.register.person(CANARY.person_id).name)
    person = {"type": "person", "person": "X", "name": {"surname": name}, "bsn": CANARY.bsn}
    lines = [
        {"format": "echt-register", "version": 1},
        person,  # the number belongs to the canary already
        person | {"bsn": CANARY.bsn[:-1] + "9"},
        person | {CANARY.bsn: name},
        person | {"birth": f"{name}"},
    ]
    source, report = tmp_path / "bad.jsonl", tmp_path / "report.jsonl"
    source.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    with caplog.at_level(logging.DEBUG):
        account = import_lines(source, trail.instance.writer, report)

    assert account.refused == 4
    for text in (report.read_text(), caplog.text):
        assert CANARY.bsn not in text
        assert trail.surname not in text
