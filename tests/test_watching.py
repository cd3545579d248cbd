"""Canaries and alarms over the composed service, as a process serves it (verifier.md 3.8)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from httpx2 import Response
from starlette.testclient import TestClient
from typer.testing import CliRunner

import employing
import running
from credentials.canaries import Canaries, Canary
from index_wiring import IndexedVerifier
from main import build
from settings import IndexSettings, ProcessRole, Settings
from tests.house import BASE, HERE, SAME_ORIGIN, furnish, sealed_extracts
from verifier.sandbox import Sandbox
from verifier.verdict import Verdict, VerdictCode
from verifier.watching import CANARY, OFTEN
from watch_wiring import lone_watch, telling
from web import logs
from wiring import Instance, now

pytestmark = pytest.mark.slow

OFTEN_CHECKED = 3
API = "/api/v1/verifications"
KEY = next(key for n in range(256) if Canaries(key := bytes([n] * 32)).at(0).due <= 2)
"""Its first canary comes with the second document, so a test needs no fifty."""
UNKNOWN_FILE, UNKNOWN_NUMBER = "ab" * 32, "Q4KD-M2PX-7RTA"


@dataclass
class Service:
    """The site of a process with three documents and a canary, and its log."""

    instance: Instance
    client: TestClient
    log: io.StringIO
    canary: Canary

    def alarms(self) -> list[dict[str, object]]:
        """What was told since the last time."""
        self.instance.watching.watch.tell()
        said = [json.loads(line) for line in self.log.getvalue().splitlines()]
        self.log.seek(0)
        self.log.truncate()
        return [one for one in said if one["event"] in {CANARY, OFTEN}]

    def listed(self, kind: str) -> dict[str, str]:
        """The one bucket of so few documents: half a hash and status."""
        return dict(self.client.get(f"/api/v1/{kind}-buckets/0").json()["entries"])

    @property
    def documents(self) -> list[str]:
        """Fingerprints of what was really issued."""
        return [one.file for one in self.instance.standings.all()]


@pytest.fixture(scope="module", name="instance")
def _instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    folder = tmp_path_factory.mktemp("watched")
    (folder / "watch.key").write_bytes(KEY)
    furnished = furnish(folder)
    own = {"watch_key_file": folder / "watch.key", "often_checked": OFTEN_CHECKED}
    instance = Instance(furnished.settings.model_copy(update=own))
    furnished.close()
    sealed_extracts(instance, 3)
    yield instance
    instance.close()


@pytest.fixture(name="service")
def _service(instance: Instance, sandbox: Sandbox) -> Iterator[Service]:
    instance.__dict__.pop("watching", None)  # each test counts from nothing, as a process does
    log = io.StringIO()
    logs.configure(log)
    with (
        running._site(instance, sandbox, None) as site,
        TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client,
    ):
        yield Service(instance, client, log, Canaries(KEY).at(0))
    structlog.reset_defaults()


def seen(answer: Response) -> tuple[object, ...]:
    """All of an answer but what is new in every one: its number, its moment, and the question."""
    body = answer.text.replace(answer.headers["x-request-id"], "NUMBER")
    if answer.headers["content-type"] == "application/json":
        told = answer.json() | {"checkedAt": "now"}
        told["details"] |= {"fileSha256": "asked"}
        body = json.dumps(told)
    headers = {key: value for key, value in answer.headers.items() if key != "x-request-id"}
    return answer.status_code, headers, len(answer.content), body


QUESTIONS = [
    (API, "sha256"),
    (f"{API}/_render", "sha256"),
    ("/api/v1/receipts", "sha256"),
    (API, "text"),
    (API, "qr"),
]


@pytest.mark.parametrize(("path", "key"), QUESTIONS, ids=[" ".join(one) for one in QUESTIONS])
def test_a_canary_is_answered_as_what_nobody_knows_and_raises_an_alarm(
    path: str, key: str, service: Service
) -> None:
    """verifier.md 4.14: same body, length, status and headers, for a file and for a number."""
    is_file = key == "sha256"
    unknown, canary = (
        (UNKNOWN_FILE, service.canary.file) if is_file else (UNKNOWN_NUMBER, service.canary.number)
    )
    known = service.client.post(path, json={key: unknown})
    assert service.alarms() == []

    asked = service.client.post(path, json={key: canary})

    assert seen(asked) == seen(known)
    (alarm,) = service.alarms()
    assert alarm["event"] == CANARY
    assert alarm["kind"] == ("file" if is_file else "number")
    assert alarm["request_id"] == asked.headers["x-request-id"]


def test_a_number_in_an_upload_is_heard_too(service: Service) -> None:
    files = [{"file": ("x", one.encode())} for one in (UNKNOWN_NUMBER, service.canary.number)]
    known, asked = (service.client.post(API, files=one).json() for one in files)

    assert asked["code"] == known["code"]
    assert asked["checks"] == known["checks"]
    assert len(service.alarms()) == 1


def test_who_walks_through_a_bucket_meets_a_canary(service: Service) -> None:
    """From outside: every row looks alike, none gives a fact, and one of them is the alarm."""
    listed = service.listed("hash")
    assert set(listed) == {one[:32] for one in (*service.documents, service.canary.file)}
    assert set(listed.values()) <= {"good", "superseded", "withdrawn"}
    assert len(service.listed("status")) == len(listed)
    assert service.client.get("/api/v1/hash-buckets").json()["count"] == len(listed)

    made_up = [half + "0" * 32 for half in listed]
    answers = [service.client.post(f"{API}/_render", json={"sha256": one}) for one in made_up]

    assert {answer.status_code for answer in answers} == {404}
    (alarm,) = service.alarms()
    assert (alarm["event"], alarm["count"]) == (CANARY, 1)


def test_an_alarm_names_neither_a_document_nor_a_person(service: Service) -> None:
    """verifier.md goal 10, 3.7 rule 9: nothing of what was asked is in the log."""
    asked = [service.canary.file, *service.documents]
    for sha256 in asked * OFTEN_CHECKED:
        service.client.post(API, json={"sha256": sha256})
    service.client.post(API, json={"text": service.canary.number})
    service.instance.watching.watch.tell()

    said = service.log.getvalue()
    assert said.count(CANARY) == OFTEN_CHECKED + 1
    assert said.count(OFTEN) == len(service.documents)
    entries = [service.instance.ledger.by_file(one) for one in service.documents]
    numbers = [entry.intent.number for entry in entries if entry]
    for secret in (*asked, *numbers, service.canary.number):
        assert secret[:8] not in said


def test_what_was_noticed_is_told_at_the_latest_when_the_process_stops(
    service: Service, sandbox: Sandbox
) -> None:
    with running._site(service.instance, sandbox, None):
        service.client.post(API, json={"sha256": service.canary.file})

    assert service.log.getvalue().count(CANARY) == 1


def test_documents_of_jobs_are_watched_as_well(service: Service) -> None:
    """The rooms of employers have a verifier of their own; one process counts once."""
    with employing.working(service.instance) as deps:
        deps.desk.runner._checking.verify(service.canary.number.encode())

    assert [one["kind"] for one in service.alarms()] == ["number"]


def test_an_extract_that_is_checked_often_is_found_by_its_alias_with_the_key(
    service: Service,
) -> None:
    document = service.documents[0]
    file = {"sha256": document}
    for path in (API, f"{API}/_render", "/api/v1/receipts", API, API):
        assert service.client.post(path, json=file).status_code in {200, 201}

    (alarm,) = service.alarms()
    assert set(alarm) == {"event", "alias", "count", "level", "timestamp"}
    entry = service.instance.ledger.by_file(document)
    assert entry is not None
    settings = service.instance.settings
    command = build(settings)
    found = CliRunner().invoke(command, ["ledger", "find", str(alarm["alias"])])
    assert found.output == f"{entry.intent.number}  {entry.intent.award_id}\n"
    other = build(settings.model_copy(update={"watch_key_file": None}))
    assert CliRunner().invoke(other, ["ledger", "find", str(alarm["alias"])]).exit_code == 1


def test_the_same_canaries_are_in_the_index_and_a_verifier_with_the_key_knows_them(
    service: Service, sandbox: Sandbox
) -> None:
    """A verifier elsewhere says "unknown" and tells its own log; without the key it is no wiser."""
    instance, asked = service.instance, service.canary.file
    instance.index_publisher.publish_if_due()

    verdicts = {}
    for key in (instance.settings.watch_key_file, None):
        settings = instance.settings.model_copy(
            update={"role": ProcessRole.VERIFIER, "watch_key_file": key}
        )
        indexed = IndexedVerifier(settings, IndexSettings(issuer=BASE), instance.clock)
        indexed.index._folder = instance.settings.published_index
        indexed.index.load()
        with telling(indexed.watch):
            checks = indexed.verifier(sandbox)
            verdicts[key] = checks.verify_fingerprint(asked)
            assert _known(checks.verify_fingerprint(service.documents[0]))
        if key:
            assert checks.verify_fingerprint(UNKNOWN_FILE).checks == verdicts[key].checks

    assert not _known(verdicts[instance.settings.watch_key_file])
    assert _known(verdicts[None])
    assert verdicts[None].code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verdicts[None].facts is None
    assert [one["event"] for one in service.alarms()] == [CANARY]


def _known(verdict: Verdict) -> bool:
    return verdict.checks[1].reason == "exactly_as_issued"


def test_without_a_key_of_its_own_an_instance_derives_one_that_stays(service: Service) -> None:
    """Two processes, or one after a restart, must plant the same canaries."""
    bare = service.instance.settings.model_copy(update={"watch_key_file": None})
    first, second = Instance(bare), Instance(bare)
    try:
        assert first.watching._key == second.watching._key
        assert first.watching._key not in {KEY, first.vault._hash_key}
        assert first.watching.find("AAAA-AAAA-AAAA-AAAA") is None
    finally:
        first.close()
        second.close()
    assert lone_watch(bare, service.instance.clock) is None


def test_a_key_of_another_length_is_said_with_the_name_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "short.key"
    path.write_bytes(b"short")

    with pytest.raises(OSError, match="must have 32 bytes") as caught:
        lone_watch(Settings(home=tmp_path, watch_key_file=path), now)

    assert caught.value.filename == str(path)
