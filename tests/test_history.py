"""What happens to documents when the register learns better: corrected, renamed, withdrawn."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from credentials.extract import Language, Purpose
from credentials.status import DocumentStatus
from register.importing import import_lines
from register.records import AwardStatus
from register.synthetic.personas import PERSONAS
from tests import judges
from tests.house import BASE, HERE, SAME_ORIGIN, log_in
from verifier.sandbox import Sandbox
from wiring import Instance

pytestmark = pytest.mark.slow

NURSE = next(persona for persona in PERSONAS if persona.key == "nurse")
NEW_NAME = "Nieuwenaam-Testenstein"
HEADER = {"format": "echt-register", "version": 1}


@pytest.fixture(name="instance")
def _instance(tmp_path: Path) -> Iterator[Instance]:
    from tests.house import furnish  # noqa: PLC0415 - a house of its own, to be changed

    instance = furnish(tmp_path, people=1)
    yield instance
    instance.close()


def nurse_line(instance: Instance) -> dict[str, Any]:
    """The line as the source institution sent it."""
    for line in (instance.settings.home / "people.jsonl").read_text().splitlines():
        record = json.loads(line)
        if record.get("person") == NURSE.person_id:
            return dict(record)
    raise LookupError(NURSE.person_id)


def deliver(instance: Instance, *records: dict[str, Any]) -> None:
    """A later delivery of the source institution."""
    path = instance.settings.home / "later.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in (HEADER, *records)))
    assert import_lines(path, instance.writer).refused == 0


def issue(instance: Instance) -> tuple[str, bytes]:
    record = instance.register.awards_of(NURSE.person_id)[0]
    issued = instance.downloads.extract(record, Language.NL, Purpose.GENERAL)
    return issued.number, issued.document


def text_of(document: bytes, folder: Path) -> str:
    judges.require("qpdf")
    sealed, plain = folder / "x.pdf", folder / "x.qdf"
    sealed.write_bytes(document)
    command = ["qpdf", "--qdf", "--object-streams=disable", str(sealed), str(plain)]
    subprocess.run(command, check=True, capture_output=True)
    drawn = subprocess.run(
        [judges.require("pdftotext"), str(sealed), "-"], check=True, capture_output=True
    ).stdout.decode()
    return drawn + plain.read_bytes().decode("utf-8", "replace")


def test_after_a_name_change_the_old_extract_is_superseded_and_tells_no_new_name(
    instance: Instance, sandbox: Sandbox, tmp_path: Path
) -> None:
    """register.md 4.12, verifier.md 3.11 row 45."""
    old_name = instance.register.person(NURSE.person_id).name.surname
    number, before = issue(instance)
    renamed = nurse_line(instance)
    renamed["name"] = {"given": "Robin", "surname": NEW_NAME, "gender": "O"}
    deliver(instance, renamed)

    site = serving.whole_site(instance, online_verifier(instance, sandbox))
    with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
        files = {"file": ("extract.pdf", before, "application/pdf")}
        answers = [client.post("/api/v1/verifications", files=files)]
        answers += [client.post(f"/{one}/verify", files=files) for one in Language]
        history = log_in(client, "nurse").text
        award = instance.register.awards_of(NURSE.person_id)[0].award.award_id
        history += client.get(f"/en/diplomas/{award}").text
    again, after = issue(instance)

    assert answers[0].json()["code"] == "SUPERSEDED"
    for answer in answers:
        assert NEW_NAME not in answer.text
        assert NEW_NAME not in str(answer.headers)
    assert again != number
    assert NEW_NAME in text_of(after, tmp_path)
    assert old_name not in text_of(after, tmp_path)
    assert "Replaced: make a new one" in history
    assert number in history


def test_a_correction_supersedes_and_the_new_extract_is_current(
    instance: Instance, sandbox: Sandbox
) -> None:
    number, before = issue(instance)
    corrected = nurse_line(instance)
    corrected["awards"][0]["degree"] = "Bachelor of Nursing"
    deliver(instance, corrected)
    again, after = issue(instance)
    verifier = online_verifier(instance, sandbox)

    assert verifier.verify(before).code == "SUPERSEDED"
    assert verifier.verify(after).code == "GENUINE_CURRENT"
    assert instance.standings.of_number(number) is DocumentStatus.SUPERSEDED
    assert instance.standings.of_number(again) is DocumentStatus.ACTIVE
    award = instance.register.awards_of(NURSE.person_id)[0].award
    assert (award.status, award.version) == (AwardStatus.CORRECTED, 2)


def test_a_withdrawal_shows_the_same_words_whatever_the_reason(
    instance: Instance, sandbox: Sandbox
) -> None:
    """verifier.md 4.25: the reason is kept and never shown."""
    number, before = issue(instance)
    award = instance.register.awards_of(NURSE.person_id)[0].award.award_id
    secret = "exam fraud by the neighbour"  # noqa: S105 - a reason, not a password
    deliver(instance, {"type": "withdrawal", "award": award, "reason": secret})

    site = serving.whole_site(instance, online_verifier(instance, sandbox))
    with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
        files = {"file": ("extract.pdf", before, "application/pdf")}
        verdict = client.post("/api/v1/verifications", files=files)
        page = client.post("/en/verify", files=files)

    assert verdict.json()["code"] == "WITHDRAWN"
    assert verdict.json()["facts"] is None
    assert secret not in verdict.text + page.text
    assert instance.standings.of_number(number) is DocumentStatus.WITHDRAWN


def test_a_number_that_nobody_was_given_has_no_status(instance: Instance) -> None:
    assert instance.standings.of_number("2222-2222-2222") is None
