"""The promise under test: no server can keep us longer, or fill us fuller, than we allow."""

from __future__ import annotations

import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from keys.errors import TimestampUnavailable
from keys.posting import MAX_ANSWER, TimestampPost, check_url
from tests import judges
from tests.keys.loopback import Behaviour, answering, http, serving

POST = TimestampPost()
PATIENCE = 0.4
"""Seconds that these tests give a server."""
SLACK = 30.0
"""Seconds by which a slow machine may miss it."""


def ask(behave: Behaviour, seconds: float = 5.0) -> bytes:
    with serving(behave) as url:
        return POST(url, b"question", seconds=seconds)


def says(data: bytes) -> Behaviour:
    return lambda connection, _: connection.sendall(data)


def test_a_question_reaches_the_server_and_its_answer_us() -> None:
    assert ask(answering(lambda body: body + b" answered")) == b"question answered"


def test_the_request_says_what_it_is() -> None:
    """RFC 3161 3.4."""
    seen: list[bytes] = []

    def accept(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            seen.append(connection.recv(4096))
            connection.sendall(http(b"ok"))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=accept, args=(listener,))
        thread.start()
        POST(f"http://127.0.0.1:{listener.getsockname()[1]}/path?x=1", b"", seconds=5)
        thread.join()

    assert seen[0].startswith(b"POST /path?x=1 HTTP/1.1\r\n")
    assert b"Content-Type: application/timestamp-query" in seen[0]


@pytest.mark.parametrize("status", ["500 Internal Server Error", "404 Not Found", "204 Nothing"])
def test_another_status_is_no_answer(status: str) -> None:
    with pytest.raises(TimestampUnavailable, match="did not answer properly"):
        ask(says(http(b"", status)))


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status: str) -> None:
    asked: list[bytes] = []

    def elsewhere(body: bytes) -> bytes:
        asked.append(body)
        return b"from elsewhere"

    with (
        serving(answering(elsewhere)) as target,
        pytest.raises(TimestampUnavailable),
    ):
        ask(says(http(b"", status, f"Location: {target}")))

    assert asked == []


@pytest.mark.parametrize(
    "data",
    [
        http(bytes(MAX_ANSWER + 1)),
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(200_000),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + bytes(200_000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + bytes(1024),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 40_000,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n" + bytes(200_000),
    ],
    ids=["length", "endless", "lying", "short chunk", "many chunks", "header", "headers", "sign"],
)
def test_a_huge_or_crooked_answer_is_dropped(data: bytes) -> None:
    with pytest.raises(TimestampUnavailable):
        ask(says(data))


def test_the_largest_fair_answer_is_taken() -> None:
    assert len(ask(says(http(bytes(MAX_ANSWER))))) == MAX_ANSWER


@pytest.mark.parametrize("data", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 ", b"\x00" * 100])
def test_what_is_not_http_is_no_answer(data: bytes) -> None:
    with pytest.raises(TimestampUnavailable):
        ask(says(data))


def reset(connection: socket.socket, _: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_reset_connection_is_no_answer() -> None:
    with pytest.raises(TimestampUnavailable):
        ask(reset)


def silent(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)  # until we hang up


def drip(start: bytes) -> Behaviour:
    def behave(connection: socket.socket, _: bytes) -> None:
        with suppress(OSError):
            connection.sendall(start)
            for _count in range(2000):
                connection.sendall(b"1")
                time.sleep(0.05)

    return behave


@pytest.mark.parametrize(
    "behave",
    [silent, drip(b""), drip(b"HTTP/1.1 200 OK\r\nX: "), drip(b"HTTP/1.1 200 OK\r\n\r\n")],
    ids=["silence", "status", "header", "body"],
)
def test_the_deadline_holds_however_slowly_bytes_drip(behave: Behaviour) -> None:
    """A time-out for each byte would last for ever; this one is for the whole."""
    begun = time.monotonic()

    with pytest.raises(TimestampUnavailable, match="TimeoutError"):
        ask(behave, PATIENCE)

    assert PATIENCE / 2 < time.monotonic() - begun < PATIENCE + SLACK


def test_a_server_that_does_not_take_the_question_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(TimestampUnavailable):
            POST(url, bytes(50_000_000), seconds=PATIENCE)


def test_nobody_listening_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(TimestampUnavailable, match=r"127\.0\.0\.1"):
        POST(f"http://127.0.0.1:{port}/", b"", seconds=1)


@pytest.mark.parametrize(
    "url",
    [
        "http://tsa.example/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@tsa.example/",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "http://[::1",
        "https://tsa.example:port/",
        "",
    ],
)
def test_an_address_that_may_not_be_used_is_refused_unasked(url: str) -> None:
    with pytest.raises(TimestampUnavailable, match="address") as caught:
        POST(url, b"", seconds=1)
    assert "secret" not in caught.value.reason


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://[::1]:80/", "http://localhost/", "https://tsa.example/"]
)
def test_plain_http_is_for_this_machine(url: str) -> None:
    assert check_url(url).geturl() == url


def test_plain_http_can_be_allowed() -> None:
    assert check_url("http://tsa.example/", plain_http=True).hostname == "tsa.example"


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    monkeypatch.setenv("no_proxy", "")

    assert ask(answering(lambda _: b"direct")) == b"direct"


@pytest.fixture(scope="module", name="pair")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], tuple[ssl.SSLContext, Path]]:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "tls.pem", folder / "tls.key"
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    command = [judges.require("openssl"), *new, *names, *files]
    subprocess.run(command, check=True, capture_output=True)

    def make() -> tuple[ssl.SSLContext, Path]:
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(certificate, key)
        return server, certificate

    return make


@pytest.mark.judge
def test_https_is_verified(pair: Callable[[], tuple[ssl.SSLContext, Path]]) -> None:
    server, certificate = pair()
    trusting = TimestampPost(context=ssl.create_default_context(cafile=str(certificate)))

    with serving(answering(lambda _: b"over TLS"), tls=server) as url:
        assert trusting(url, b"", seconds=5) == b"over TLS"
        with pytest.raises(TimestampUnavailable, match="SSLCertVerificationError"):
            POST(url, b"", seconds=5)
        with pytest.raises(TimestampUnavailable, match="SSLCertVerificationError"):
            trusting(url.replace("127.0.0.1", "localhost"), b"", seconds=5)


def test_a_handshake_that_never_ends_is_left() -> None:
    """The server speaks plain HTTP where we expect TLS, and says nothing at all."""
    with serving(silent) as url, pytest.raises(TimestampUnavailable):
        POST(url.replace("http:", "https:"), b"", seconds=PATIENCE)
