"""Jobs as a program meets them: in, worked on, asked after; honest whatever happens."""

from __future__ import annotations

import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey
from starlette.testclient import TestClient

from employers.access import Counted, day_of
from employers.api import JOBS_PATH, TOKEN_PATH
from employers.clients import Client
from employers.jobs import LEASE
from tests.employers.desk import Programs
from web.oauth import ASSERTION_TYPE

NAME = "Noor-Canary-999995418.pdf"


@pytest.fixture(name="http")
def _http(programs: Programs) -> Iterator[TestClient]:
    with programs.browser() as client, programs.runner:
        yield client


@pytest.fixture(name="client")
def _client(programs: Programs, key: ECKey) -> Client:
    return programs.register(key)


@pytest.fixture(name="headers")
def _headers(programs: Programs, key: ECKey, client: Client) -> dict[str, str]:
    return {**programs.token(key, client), "Idempotency-Key": "first"}


def _documents(*data: bytes, name: str = NAME) -> list[tuple[str, tuple[str, bytes]]]:
    return [("document", (name, one)) for one in data]


def _ended(http: TestClient, path: str, headers: dict[str, str]) -> dict[str, Any]:
    for _ in range(600):
        job: dict[str, Any] = http.get(path, headers=headers).json()
        if job.get("state") != "running":
            return job
        time.sleep(0.05)
    pytest.fail("the job did not end")


def test_a_program_gets_a_token_and_a_verdict_for_every_document(
    http: TestClient, programs: Programs, key: ECKey, client: Client
) -> None:
    """verifier.md goal 32: from the assertion to the last verdict."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": programs.assertion(key, client),
    }
    granted = http.post(TOKEN_PATH, data=form)
    assert granted.status_code == 200
    assert granted.headers["cache-control"] == "no-store"
    headers = {
        "Authorization": f"Bearer {granted.json()['access_token']}",
        "Idempotency-Key": "k",
    }

    sent = http.post(JOBS_PATH, files=_documents(b"genuine 1", b"else", b""), headers=headers)
    assert sent.status_code == 202
    job = _ended(http, sent.headers["location"], headers)

    assert job["counts"] == {"GENUINE_CURRENT": 1, "CANNOT_CHECK": 2}
    assert [one["position"] for one in job["items"]] == [1, 2, 3]
    assert job["items"][0]["sha256"] == hashlib.sha256(b"genuine 1").hexdigest()
    assert job["items"][1]["reasons"] == ["unknown_type"]
    assert (job["state"], job["done"], job["total"]) == ("finished", 3, 3)
    assert programs.reported == []


def test_a_zip_is_a_batch(http: TestClient, headers: dict[str, str]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder")
        for number in range(3):
            archive.writestr(f"folder/{number}-{NAME}", b"genuine %d" % number)

    sent = http.post(JOBS_PATH, files=_documents(packed.getvalue()), headers=headers)

    assert _ended(http, sent.headers["location"], headers)["counts"] == {"GENUINE_CURRENT": 3}


def test_no_name_and_no_fact_is_in_any_answer_or_file(
    http: TestClient, programs: Programs, headers: dict[str, str]
) -> None:
    """verifier.md 3.7: nothing of whom is checked stays, not even for the employer."""
    sent = http.post(JOBS_PATH, files=_documents(b"genuine Noor"), headers=headers)
    answer = http.get(sent.headers["location"], headers=headers)
    _ended(http, sent.headers["location"], headers)
    programs.engine.dispose()

    for text in (sent.text, answer.text, str(sent.headers)):
        assert "Noor" not in text
        assert "999995418" not in text
    for path in programs.folder.rglob("*"):
        assert not path.is_file() or b"Noor" not in path.read_bytes()


def test_waiting_files_are_unreadable_on_disk(
    http: TestClient, programs: Programs, headers: dict[str, str]
) -> None:
    programs.checker.gate.clear()
    http.post(JOBS_PATH, files=_documents(b"genuine Noor", b"genuine Noor 2"), headers=headers)
    waiting = [path for path in (programs.folder / "spool").rglob("*") if path.is_file()]

    assert len(waiting) >= 2
    assert all(b"Noor" not in path.read_bytes() for path in waiting)
    programs.checker.gate.set()


def test_the_same_key_gives_the_same_job_and_is_charged_once(
    http: TestClient, programs: Programs, headers: dict[str, str], client: Client
) -> None:
    """verifier.md 4.23."""
    one = http.post(JOBS_PATH, files=_documents(b"genuine"), headers=headers)
    again = http.post(JOBS_PATH, files=_documents(b"genuine", name="other.pdf"), headers=headers)
    other = http.post(JOBS_PATH, files=_documents(b"different"), headers=headers)

    assert again.status_code == 202
    assert again.json()["jobId"] == one.json()["jobId"]
    assert other.status_code == 409
    assert other.json()["type"].endswith("/problems/idempotency-key-reused")
    assert _used(programs, client) == 1


def test_two_posts_at_once_make_one_job(
    http: TestClient, programs: Programs, headers: dict[str, str], client: Client
) -> None:
    """verifier.md 4.23: the race is decided by the database."""
    start = threading.Barrier(4)

    def post(_: int) -> str:
        start.wait(10)
        answer = http.post(JOBS_PATH, files=_documents(b"genuine", b"x"), headers=headers)
        return str(answer.json().get("jobId"))

    with ThreadPoolExecutor(4) as pool:
        jobs = set(pool.map(post, range(4)))

    assert len(jobs) == 1
    assert "None" not in jobs
    assert _used(programs, client) == 2


def test_a_quota_is_a_quota(http: TestClient, programs: Programs, key: ECKey) -> None:
    """verifier.md 4.23: 429 as a problem document, with Retry-After; nothing was charged."""
    client = programs.register(key, quota=2)
    headers = {**programs.token(key, client), "Idempotency-Key": "a"}

    over = http.post(JOBS_PATH, files=_documents(b"1", b"2", b"3"), headers=headers)
    fits = http.post(JOBS_PATH, files=_documents(b"1", b"2"), headers=headers)
    more = http.post(JOBS_PATH, files=_documents(b"1"), headers=headers | {"Idempotency-Key": "b"})

    assert (over.status_code, fits.status_code, more.status_code) == (429, 202, 429)
    assert over.headers["content-type"] == "application/problem+json"
    assert 0 < int(over.headers["retry-after"]) <= 86_401
    programs.now += timedelta(days=1)
    fresh = {**programs.token(key, client), "Idempotency-Key": "c"}
    assert http.post(JOBS_PATH, files=_documents(b"1"), headers=fresh).status_code == 202


def test_another_client_cannot_see_a_job(
    http: TestClient, programs: Programs, key: ECKey, headers: dict[str, str]
) -> None:
    sent = http.post(JOBS_PATH, files=_documents(b"genuine"), headers=headers)
    stranger = programs.token(key, programs.register(key))

    theirs = http.get(sent.headers["location"], headers=stranger)
    nobodys = http.get(f"{JOBS_PATH}/{'0' * 32}", headers=stranger)

    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "instance": ""} == {**nobodys.json(), "instance": ""}


def test_pages_of_a_job(http: TestClient, headers: dict[str, str]) -> None:
    sent = http.post(JOBS_PATH, files=_documents(*(b"%d" % n for n in range(5))), headers=headers)
    path = sent.headers["location"]
    _ended(http, path, headers)

    last = http.get(path, params={"page": 3, "pageSize": 2}, headers=headers).json()

    assert [one["position"] for one in last["items"]] == [5]
    assert last["pages"] == 3
    wrong = http.get(path, params={"page": 0, "pageSize": "x"}, headers=headers)
    assert wrong.status_code == 400
    assert {one["field"] for one in wrong.json()["errors"]} == {"query.page", "query.pageSize"}


def test_results_are_gone_after_a_day(
    http: TestClient, programs: Programs, key: ECKey, client: Client, headers: dict[str, str]
) -> None:
    path = http.post(JOBS_PATH, files=_documents(b"genuine"), headers=headers).headers["location"]
    _ended(http, path, headers)

    programs.now += timedelta(hours=24)

    assert http.get(path, headers=programs.token(key, client)).status_code == 404
    assert programs.jobs.forget(programs.now - timedelta(hours=23)) == 1


def test_a_job_whose_process_is_gone_says_so(
    http: TestClient, programs: Programs, headers: dict[str, str]
) -> None:
    programs.checker.gate.clear()
    path = http.post(JOBS_PATH, files=_documents(b"a", b"b"), headers=headers).headers["location"]

    programs.now += LEASE + timedelta(seconds=1)
    job = http.get(path, headers=headers).json()

    assert job["state"] == "interrupted"
    assert {one["state"] for one in job["items"]} == {"interrupted"}
    assert programs.jobs.settle(programs.now) == 1
    programs.checker.gate.set()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 415),
        ({"json": {}}, 415),
        ({"data": {"document": "text"}}, 415),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}}, 400),
        (
            {
                "content": b"--b\r\nContent-Disposition: form-data; name=d\r\n\r\nx\r\n--b--",
                "headers": {"content-type": "multipart/form-data; boundary=b"},
            },
            400,
        ),
        (
            {
                "content": b"--b--\r\n",
                "headers": {"content-type": "multipart/form-data; boundary=b"},
            },
            400,
        ),
        ({"files": _documents(b"PK\x03\x04 no zip")}, 400),
        ({"files": _documents(*[b""] * 1001)}, 413),
    ],
)
def test_what_is_no_job_is_a_problem_document_and_leaves_nothing(
    sent: dict[str, Any],
    status: int,
    http: TestClient,
    programs: Programs,
    headers: dict[str, str],
    client: Client,
) -> None:
    """verifier.md 4.20."""
    answer = http.post(JOBS_PATH, **{**sent, "headers": {**headers, **sent.get("headers", {})}})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert _used(programs, client) == 0
    assert [one for one in (programs.folder / "spool").glob("*/*") if one.name != "lock"] == []


@pytest.mark.parametrize("word", [None, "", " ", "x" * 129, "a b"])
def test_a_job_needs_a_usable_idempotency_key(
    word: str | None, http: TestClient, headers: dict[str, str]
) -> None:
    del headers["Idempotency-Key"]
    sent = headers if word is None else headers | {"Idempotency-Key": word}

    assert http.post(JOBS_PATH, files=_documents(b"x"), headers=sent).status_code == 400


def test_without_a_token_nobody_is_let_in(http: TestClient) -> None:
    for answer in (http.post(JOBS_PATH), http.get(f"{JOBS_PATH}/{'0' * 32}")):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "invalid_request"),
        ({"client_assertion_type": "jwt"}, "invalid_request"),
        ({"client_assertion": "x", "client_assertion_type": ASSERTION_TYPE}, "invalid_client"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_the_token_endpoint_answers_in_the_words_of_oauth(
    form: dict[str, str], error: str, http: TestClient
) -> None:
    """RFC 6749 5.2; and 3.2: what has no value was left out."""
    whole = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": "a.b.c",
    }
    bare = len(form) <= 1 and form.get("scope") is None and "client_assertion_type" not in form
    answer = http.post(TOKEN_PATH, data=form if bare else whole | form)

    assert answer.json() == {"error": error}
    assert answer.status_code == (401 if error == "invalid_client" else 400)


def _used(programs: Programs, client: Client) -> int:
    return programs.clients.used(client.client_id, Counted.DOCUMENTS, day_of(programs.now))
