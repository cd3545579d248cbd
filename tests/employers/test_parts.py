"""The small parts: counted unzip, encrypted spool, addresses of webhooks."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from employers.errors import (
    EmployerError,
    JobTooLarge,
    RegistrationRefused,
    TooManyDocuments,
    UnreadableArchive,
)
from employers.spool import Spool
from employers.targets import check_target, is_public
from employers.unpacking import documents_in
from tests.judges import ROOT
from verifier.intake import MAX_BYTES as MAX_DOCUMENT


def a_zip(*documents: bytes, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", kind) as archive:
        for place, one in enumerate(documents):
            archive.writestr(f"../{place}", one)
    return packed.getvalue()


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_a_zip_gives_its_documents_in_order(documents: list[bytes]) -> None:
    assert list(documents_in(a_zip(*documents))) == documents


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_zip_is_refused_or_read_and_never_more(data: st.DataObject) -> None:
    packed = bytearray(a_zip(b"one" * 50, b"two" * 50))
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = list(documents_in(bytes(packed)))
    except EmployerError:
        return
    assert len(found) <= 2


def test_a_bomb_is_counted_and_not_believed() -> None:
    """verifier.md 3.8: a hundred times 10 MB in 1 MB of ZIP."""
    bomb = a_zip(*[bytes(MAX_DOCUMENT)] * 27)

    assert len(bomb) < 1_000_000
    with pytest.raises(JobTooLarge):
        sum(len(one) for one in documents_in(bomb))


def test_one_large_document_is_cut_where_its_check_says_too_large() -> None:
    (only,) = documents_in(a_zip(bytes(MAX_DOCUMENT + 1_000_000)))

    assert len(only) == MAX_DOCUMENT + 1


def test_unusual_packing_is_refused() -> None:
    locked = bytearray(a_zip(b"x"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + offset] |= 1
    for data in (bytes(locked), a_zip(b"x", kind=zipfile.ZIP_LZMA), b"PK\x03\x04"):
        with pytest.raises(UnreadableArchive):
            list(documents_in(data))
    with pytest.raises(TooManyDocuments):
        list(documents_in(a_zip(*[b""] * 1001)))


def test_a_spool_keeps_a_document_once_and_only_encrypted(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    first, second = spool.open(), spool.open()
    first.put(1, b"somebody")
    second.put(1, b"somebody")
    stored = [one.read_bytes() for one in (tmp_path / "spool").glob("*/*/1")]

    assert len(stored) == 2
    assert stored[0] != stored[1]
    assert all(b"somebody" not in one for one in stored)
    assert first.take(1) == b"somebody"
    with pytest.raises(OSError, match="1"):
        first.take(1)
    with pytest.raises(OSError, match="exists"):
        second.put(1, b"other")
    spool.close()
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_changed_file_of_the_spool_is_not_a_document(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    job = spool.open()
    job.put(1, b"somebody")
    (path,) = (tmp_path / "spool").glob("*/*/1")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")

    with pytest.raises(InvalidTag):
        job.take(1)
    spool.close()


LEAVE = """
import sys, os
from pathlib import Path
from employers.spool import Spool
Spool(Path(sys.argv[1])).open().put(1, b"left behind")
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    alive = Spool(folder)
    alive.open().put(1, b"mine")
    killed = subprocess.run(
        [sys.executable, "-c", LEAVE, str(folder)], check=False, cwd=ROOT, env={**os.environ}
    )

    assert killed.returncode == -9
    assert len(list(folder.iterdir())) == 2
    assert Spool(folder).sweep() == 1
    assert len(list(folder.glob("*/*/1"))) == 1
    alive.close()


def test_a_folder_of_a_process_that_ended_while_it_made_it_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    alive = Spool(folder)
    alive.open().put(1, b"being checked")
    (folder / "half-made").mkdir()

    assert Spool(folder).sweep() == 1
    assert [one.parent.parent for one in folder.glob("*/*/1")] == [
        one for one in folder.iterdir() if one.is_dir()
    ]
    alive.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "ftp://example.org/",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "https://example.org/a b",
        "https://exämple.org/",
        "https://example.org:port/",
        "https://[::1",
        "http://127.0.0.1/hook",
        "https://example.org/" + "x" * 500,
        "",
    ],
)
def test_an_address_that_may_not_be_registered(url: str) -> None:
    with pytest.raises(RegistrationRefused):
        check_target(url)


def test_only_development_sends_to_this_machine_in_the_clear() -> None:
    assert check_target("http://127.0.0.1:8080/hook", local=True).port == 8080
    assert check_target("https://example.org/hook?x=1").hostname == "example.org"
    with pytest.raises(RegistrationRefused):
        check_target("http://example.org/hook", local=True)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104 - refused
        *("100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0::1"),
    ],
)
def test_an_address_inside_is_never_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(address)
