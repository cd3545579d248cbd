"""The promise under test: a registry's server leads us nowhere, and takes no more than we give."""

from __future__ import annotations

import gzip
import socket
import time
from contextlib import suppress

import pytest

from emrex.errors import RegistryRefused
from emrex.registry.fetching import HttpFetch, Marks
from tests.emrex.registries import Shop, open_shop
from tests.keys.loopback import Behaviour, http, serving

JSON = "Content-Type: application/json"
LIST = b'{"countries": [], "emps": []}'


def says(data: bytes) -> Behaviour:
    return lambda connection, _: connection.sendall(data)


def fetch_of(behave: Behaviour, *, seconds: float = 10.0, at_most: int = 1_000) -> bytes:
    with serving(behave) as address:
        fetched = HttpFetch(seconds=seconds, at_most=at_most)(address, Marks())
    assert fetched is not None
    return fetched.body


def refusal(behave: Behaviour, *, seconds: float = 10.0) -> str:
    with pytest.raises(RegistryRefused) as found:
        fetch_of(behave, seconds=seconds)
    return found.value.reason


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "text/xml",
        "APPLICATION/XML",
        "application/vnd.emrex+json",
    ],
)
def test_a_list_of_either_kind_is_taken(kind: str) -> None:
    assert fetch_of(says(http(LIST, "200 OK", f"Content-Type: {kind}"))) == LIST


def test_the_next_time_only_a_newer_file_is_sent() -> None:
    """RFC 9110 13.1: by ETag; nothing is told of who asks."""
    fetch = HttpFetch()
    with open_shop(Shop(LIST)) as shop:
        first = fetch(shop.address, Marks())
        assert first is not None
        assert first.marks.etag == '"v1"'
        assert fetch(shop.address, first.marks) is None
        shop.etag, shop.body = '"v2"', LIST + b" "
        second = fetch(shop.address, first.marks)

    assert second is not None
    assert second.body == LIST + b" "
    asked = shop.asked[1]
    assert asked["If-None-Match"] == '"v1"'
    assert asked["Accept-Encoding"] == "identity"
    assert set(asked) == {"Host", "Accept", "Accept-Encoding", "If-None-Match", "Connection"}


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
def test_nobody_is_followed_anywhere(status: str) -> None:
    """emrex.md 3.7: the address that the operator named, and no other."""
    reached: list[bytes] = []

    def elsewhere(connection: socket.socket, body: bytes) -> None:
        reached.append(body)
        connection.sendall(http(LIST, "200 OK", JSON))

    with serving(elsewhere) as target:
        moved = http(LIST, status, JSON, f"Location: {target}")
        assert refusal(says(moved)) == "redirect"

    assert reached == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http(LIST, "404 Not Found", JSON), "status"),
        (http(LIST, "500 Oh", JSON), "status"),
        (http(LIST, "206 Partial", JSON), "status"),
        (http(b"", "204 No Content", JSON), "status"),
        (http(b"", "304 Not Modified", JSON), "status"),
        (http(LIST, "200 OK", "Content-Type: text/html"), "type"),
        (http(LIST, "200 OK", "Content-Type: application/octet-stream"), "type"),
        (http(LIST, "200 OK", "Content-Type: application/jsonx"), "type"),
        (http(LIST), "type"),
        (http(gzip.compress(LIST), "200 OK", JSON, "Content-Encoding: gzip"), "packed"),
        (http(b"x" * 1_001, "200 OK", JSON), "too-large"),
        (http(b"x" * 100_000, "200 OK", JSON), "too-large"),
        (b"HTTP/1.1 200 OK\r\n" + JSON.encode() + b"\r\nContent-Length: 99\r\n\r\n{", "cut-short"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n{}", "away"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n{}", "too-large"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "away"),
        (b"", "away"),
    ],
)
def test_what_is_no_file_of_a_registry_is_refused(answer: bytes, reason: str) -> None:
    assert refusal(says(answer)) == reason


def test_a_body_without_end_is_cut_off() -> None:
    def pour(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + JSON.encode() + b"\r\n\r\n")
        with suppress(OSError):
            while True:
                connection.sendall(bytes(100_000))

    assert refusal(pour) == "too-large"


def test_chunks_without_end_are_cut_off() -> None:
    def pour(connection: socket.socket, _: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\n" + JSON.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head)
        with suppress(OSError):
            while True:
                connection.sendall(b"1\r\nx\r\n" * 1_000)

    assert refusal(pour) == "too-large"


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n" + JSON.encode() + b"\r\n\r\n"])
def test_a_server_that_drips_keeps_us_no_longer(head: bytes) -> None:
    """One deadline for all of it: each byte that comes in time does not buy another minute."""

    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        with suppress(OSError):
            for _turn in range(100):
                connection.sendall(b"H")
                time.sleep(0.1)

    started = time.monotonic()
    assert refusal(drip, seconds=0.5) == "slow"
    assert time.monotonic() - started < 60  # the server would drip for ever


def test_a_registry_that_is_away_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/"

    with pytest.raises(RegistryRefused) as found:
        HttpFetch()(address, Marks())

    assert found.value.reason == "away"


@pytest.mark.parametrize(
    "address",
    [
        "http://registry.example.eu/list",
        "ftp://registry.example.eu/list",
        "file:///etc/passwd",
        "https://user:word@registry.example.eu/",
        "https://",
        "//registry.example.eu/",
        "https://[::1",
    ],
)
def test_only_https_and_this_machine_are_asked(address: str) -> None:
    with pytest.raises(RegistryRefused) as found:
        HttpFetch()(address, Marks())

    assert found.value.reason == "address"


@pytest.mark.parametrize("etag", ["", "x" * 300, "caf\u00e9", " "])
def test_an_odd_mark_is_not_sent_back(etag: str) -> None:
    answer = b"HTTP/1.1 200 OK\r\n%b\r\nETag: %b\r\nContent-Length: 2\r\n\r\n{}" % (
        JSON.encode(),
        etag.encode("latin-1"),
    )
    with serving(says(answer)) as address:
        fetched = HttpFetch()(address, Marks())

    assert fetched is not None
    assert fetched.marks == Marks()
