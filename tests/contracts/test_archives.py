"""One contract for every archive: in memory, in a folder, in an S3-compatible store."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from credentials.archive import Archive, FolderArchive
from credentials.archive_s3 import TRIES, S3Archive, connect
from credentials.errors import ArchiveUnavailable, DocumentMissing, SealRejected
from tests.commands import free_port
from tests.contracts.memory_archive import MemoryArchive
from tests.contracts.s3_server import REGION

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

NUMBER, OTHER, THIRD = "K7QD-3MXF-9TRA", "K7QD-3MXF-9TRB", "2222-2222-2222"
SECRET = "not-to-be-repeated"  # noqa: S105 - what no error may quote
_BUCKETS = count(1)


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "echt-test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture(name="client")
def _client(s3_address: str) -> Iterator[S3Client]:
    client = connect(s3_address, REGION)
    yield client
    client.close()


@pytest.fixture(name="bucket")
def _bucket(client: S3Client) -> str:
    name = f"documents-{os.getpid()}-{next(_BUCKETS)}"
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@pytest.fixture(name="archive", params=["memory", "folder", "s3"])
def _archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    if request.param == "memory":
        return MemoryArchive()
    if request.param == "folder":
        return FolderArchive(tmp_path / "archive")
    client = request.getfixturevalue("client")
    return S3Archive(client, request.getfixturevalue("bucket"))


def test_what_was_stored_comes_back(archive: Archive) -> None:
    archive.put(NUMBER, b"%PDF sealed \x00\xff")

    assert archive.get(NUMBER) == b"%PDF sealed \x00\xff"


def test_storing_the_same_again_changes_nothing(archive: Archive) -> None:
    archive.put(NUMBER, b"sealed")
    archive.put(NUMBER, b"sealed")
    archive.put_all({NUMBER: b"sealed", OTHER: b"another"})

    assert (archive.get(NUMBER), archive.get(OTHER)) == (b"sealed", b"another")


def test_many_are_stored_together(archive: Archive) -> None:
    documents = {f"22AA-{n:04d}-22AA": bytes([n]) * 1_000 for n in range(40)}

    archive.put_all(documents)
    archive.put_all({})

    assert {number: archive.get(number) for number in documents} == documents


def test_nothing_comes_back_from_where_nothing_is(archive: Archive) -> None:
    with pytest.raises(DocumentMissing):
        archive.get(NUMBER)


def test_discarding_never_removes_what_was_stored(archive: Archive) -> None:
    archive.put(NUMBER, b"sealed")

    archive.discard(NUMBER)
    archive.discard(OTHER)

    assert archive.get(NUMBER) == b"sealed"


def test_what_is_removed_is_gone_and_its_neighbours_stay(archive: Archive) -> None:
    archive.put_all({NUMBER: b"sealed", OTHER: b"another"})

    archive.remove(NUMBER)
    archive.remove(NUMBER)
    archive.remove(THIRD)

    with pytest.raises(DocumentMissing):
        archive.get(NUMBER)
    assert archive.get(OTHER) == b"another"


@pytest.mark.parametrize("number", ["", "../../etc/passwd", "k7qd-3mxf-9tra", "K7QD/3MXF"])
def test_a_name_that_is_no_number_leads_nowhere(archive: Archive, number: str) -> None:
    with pytest.raises(DocumentMissing):
        archive.get(number)
    with pytest.raises(DocumentMissing):
        archive.put(number, b"x")
    with pytest.raises(DocumentMissing):
        archive.remove(number)


@pytest.mark.parametrize("place", ["folder", "s3"])
def test_a_preserved_copy_replaces_the_one_before(
    place: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    archive: Archive = FolderArchive(tmp_path)
    if place == "s3":
        client, bucket = request.getfixturevalue("client"), request.getfixturevalue("bucket")
        archive = S3Archive(client, bucket, prefix="preserved/", replaces=True)
    archive.put(NUMBER, b"one time-stamp")

    archive.put(NUMBER, b"one time-stamp, and another")

    assert archive.get(NUMBER) == b"one time-stamp, and another"


def test_a_sealed_document_in_the_store_is_never_replaced_by_another(
    client: S3Client, bucket: str
) -> None:
    archive = S3Archive(client, bucket)
    archive.put(NUMBER, b"sealed")

    with pytest.raises(SealRejected):
        archive.put(NUMBER, b"something else")

    assert archive.get(NUMBER) == b"sealed"


def test_the_store_is_told_the_digest_and_names_say_only_the_number(
    client: S3Client, bucket: str
) -> None:
    sent: list[dict[str, object]] = []
    client.meta.events.register(
        "before-send.s3.PutObject", lambda request, **_: _note(sent, request)
    )
    S3Archive(client, bucket).put(NUMBER, b"sealed")

    (found,) = client.list_objects_v2(Bucket=bucket)["Contents"]
    digest = base64.b64encode(hashlib.sha256(b"sealed").digest())
    assert found["Key"] == f"K7/{NUMBER}.pdf"
    assert [head["x-amz-checksum-sha256"] for head in sent] == [digest]
    assert [head["If-None-Match"] for head in sent] == [b"*"]


def _note(sent: list[dict[str, object]], request: Any) -> None:
    sent.append(dict(request.headers))


def test_a_store_that_is_not_there_is_out_of_reach_and_not_empty() -> None:
    client = connect(f"http://127.0.0.1:{free_port()}", REGION)
    archive = S3Archive(client, "documents")

    calls: list[Callable[[], object]] = [
        lambda: archive.put(NUMBER, b"x"),
        lambda: archive.get(NUMBER),
        lambda: archive.remove(NUMBER),
    ]
    for call in calls:
        with pytest.raises(ArchiveUnavailable) as refusal:
            call()
        assert SECRET not in str(refusal.value) + str(refusal.value.__cause__)
    client.close()


def test_a_bucket_that_is_not_there_is_no_missing_document(client: S3Client) -> None:
    archive = S3Archive(client, "never-made")

    with pytest.raises(ArchiveUnavailable):
        archive.put(NUMBER, b"x")
    with pytest.raises(ArchiveUnavailable):
        archive.get(NUMBER)


class _Failing(BaseHTTPRequestHandler):
    """Answers with an error of the server, or with words that are not S3's."""

    status = 503
    asked = 0

    def _answer(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_PUT(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.mark.parametrize("status", [500, 503, 403])
def test_a_store_that_fails_is_asked_a_few_times_and_then_out_of_reach(status: int) -> None:
    handler = type("Handler", (_Failing,), {"status": status, "asked": 0})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        client = connect(f"http://127.0.0.1:{server.server_port}", REGION)
        archive = S3Archive(client, "documents")
        try:
            with pytest.raises(ArchiveUnavailable):
                archive.put(NUMBER, b"x")
            assert 1 <= handler.asked <= TRIES  # type: ignore[attr-defined]
            with pytest.raises(ArchiveUnavailable):
                archive.get(NUMBER)
        finally:
            client.close()
            server.shutdown()
            thread.join()


FULL_DISK = """
import resource, sys
sys.path.insert(0, ".")
from pathlib import Path
from credentials.archive import FolderArchive
from credentials.errors import ArchiveUnavailable
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
archive = FolderArchive(Path(sys.argv[1]))
archive.put("2222-2222-2222", b"whole")
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    archive.put_all({"K7QD-3MXF-9TRA": b"small", "K7QD-3MXF-9TRB": b"x" * 10_000})
except ArchiveUnavailable:
    sys.exit(77)
"""


def test_a_disk_that_fills_up_keeps_nothing_of_the_batch_and_everything_before(
    tmp_path: Path,
) -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, cwd=root, check=False, timeout=300)

    assert done.returncode == 77
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{THIRD}.pdf"]


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "K7").write_text("a file where a folder should be")

    with pytest.raises(ArchiveUnavailable):
        FolderArchive(tmp_path).get(NUMBER)
    with pytest.raises(ArchiveUnavailable):
        FolderArchive(tmp_path).remove(NUMBER)


def test_a_folder_that_cannot_be_written_is_out_of_reach(tmp_path: Path) -> None:
    """A disk that fails also fails at tidying up, and that must not hide what happened."""
    (tmp_path / "K7").write_text("a file where a folder should be")
    archive = FolderArchive(tmp_path)

    with pytest.raises(ArchiveUnavailable):
        archive.put(NUMBER, b"sealed")
    with pytest.raises(ArchiveUnavailable):
        archive.put_all({THIRD: b"sealed", NUMBER: b"sealed"})
    with pytest.raises(ArchiveUnavailable):
        archive.discard(NUMBER)
    assert not list(tmp_path.rglob("*.part"))
