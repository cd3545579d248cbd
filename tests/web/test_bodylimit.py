"""Too much is refused before anybody reads it (platform.md 4.1.10)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.listening import a_place, served
from tests.web.shell import Clock, build_app
from web.bodylimit import FORM_LIMIT, UPLOAD_LIMIT

JSON = "Content-Type: application/json\r\n"
MULTIPART = "Content-Type: multipart/form-data; boundary=b\r\n"


@pytest.fixture(name="port", scope="module")
def _port() -> Iterator[int]:
    """A real server: the test client would not send a body in parts."""
    with a_place() as (listener, _), served(build_app(Clock()), listener):
        port: int = listener.getsockname()[1]
        yield port


def answer_to(port: int, head: str, parts: Iterator[bytes]) -> tuple[str, int]:
    """Send a request in parts until the server answers; its status line and what we sent."""
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"{head}Host: testserver\r\n\r\n".encode())
        connection.settimeout(10)
        try:
            for part in parts:
                connection.sendall(part)
                sent += len(part)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            line = connection.recv(4096).split(b"\r\n")[0].decode()
        except ConnectionResetError:
            line = "reset"
    return line, sent


def chunks(total: int, start: bytes = b"", size: int = 16 * 1024) -> Iterator[bytes]:
    """A chunked body (RFC 9112 7.1) of that many bytes, never ended."""
    if start:
        yield b"%x\r\n%s\r\n" % (len(start), start)
    for _ in range(total // size):
        yield b"%x\r\n%s\r\n" % (size, b"x" * size)
        time.sleep(0.001)


@pytest.mark.parametrize(
    ("path", "kind", "limit"),
    [
        ("/api/v1/orders", JSON, FORM_LIMIT),
        ("/en/login", MULTIPART, FORM_LIMIT),
        ("/en/nothing", JSON, FORM_LIMIT),
        ("/en/verify", MULTIPART, UPLOAD_LIMIT),
        ("/api/v1/verifications", MULTIPART, UPLOAD_LIMIT),
    ],
)
def test_a_declared_length_over_the_limit_is_refused_unread(
    port: int, path: str, kind: str, limit: int
) -> None:
    head = f"POST {path} HTTP/1.1\r\n{kind}Content-Length: {limit + 1}\r\n"

    status, sent = answer_to(port, head, iter(()))

    assert status.startswith("HTTP/1.1 413")
    assert sent == 0


@pytest.mark.parametrize(
    ("path", "kind", "start"),
    [
        ("/api/v1/orders", JSON, b'{"colour": "'),
        ("/en/login", MULTIPART, b'--b\r\nContent-Disposition: form-data; name="choice"\r\n\r\n'),
    ],
)
def test_a_body_without_a_length_is_cut_off_at_the_limit(
    port: int, path: str, kind: str, start: bytes
) -> None:
    head = f"POST {path} HTTP/1.1\r\n{kind}Transfer-Encoding: chunked\r\n"

    status, _ = answer_to(port, head, chunks(2 * FORM_LIMIT, start))

    assert status.startswith("HTTP/1.1 413")


def test_ten_megabytes_fit_in_the_verifier_and_nowhere_else(client: TestClient) -> None:
    file = b"x" * (10 * 1024 * 1024)

    fits = client.post("/en/verify", files={"file": ("a.pdf", file)})
    too_much = client.post("/en/verify", files={"file": ("a.pdf", file + b"x" * 17_000)})
    elsewhere = client.post("/en/login", files={"file": ("a.pdf", file)})

    assert fits.json() == {"lang": "en", "fields": 1}
    assert too_much.status_code == 413
    assert "The file is too large" in too_much.text
    assert elsewhere.status_code == 413
    assert elsewhere.headers["connection"] == "close"


def test_a_form_takes_no_files_and_few_fields(client: TestClient) -> None:
    """platform.md 4.1.10: multipart with many parts is bounded."""
    client.get("/en/login")
    many = {f"field{number}": "x" for number in range(51)}

    assert client.post("/en/login", files={"file": ("a.pdf", b"x")}).status_code == 400
    assert client.post("/en/login", files={}, data=many).status_code in {400, 403}
    assert client.post("/en/login", data=many).status_code in {400, 403}
