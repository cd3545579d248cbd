"""One request to one server, with nothing that a hostile or a sick server can stretch.

The standard library's clients follow redirects, take proxies from the environment, or
count a time-out anew for every byte that drips in. Here one deadline and one count of
bytes hold for the whole exchange: name, connection, TLS, headers and body.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self
from urllib.parse import SplitResult, urlsplit

from keys.errors import TimestampUnavailable

MAX_ANSWER = 64 * 1024
MAX_FRAME = 16 * 1024
"""What status line, headers and chunk sizes may take besides."""
CONNECT = 3.0
"""Seconds for one connection attempt."""
OK = 200


class Post(Protocol):
    """Something that carries a question to an address and brings back the answer."""

    def __call__(self, url: str, body: bytes, *, seconds: float) -> bytes:
        """Send a body and give the body of the answer, within so many seconds in all.

        Raises:
            TimestampUnavailable: no answer in time, or not one of status 200 and fair size.
        """
        ...


class TimestampPost:
    """`Post` over HTTP/1.1 for RFC 3161 3.4. HTTPS is verified against the system's authorities.

    Plain HTTP reaches this machine only, unless `plain_http` allows more: a token proves
    itself, but whoever is on the way sees how many documents are stamped, and can stop them.
    """

    def __init__(self, *, plain_http: bool = False, context: ssl.SSLContext | None = None) -> None:
        self._plain_http = plain_http
        self._context = context or ssl.create_default_context()

    def __call__(self, url: str, body: bytes, *, seconds: float) -> bytes:
        """Send a time-stamp request; see `Post`."""
        parts = check_url(url, plain_http=self._plain_http)
        try:
            with Line(seconds) as line:
                response = exchange(line, parts, body, _TIMESTAMP, self._context)
                return _body_of(response)
        except (OSError, http.client.HTTPException, ValueError) as cause:
            kind = type(cause).__name__
            raise TimestampUnavailable(
                f"{parts.hostname} did not answer properly ({kind})"
            ) from cause


def check_url(url: str, *, plain_http: bool = False) -> SplitResult:
    """Take an address apart.

    Raises:
        TimestampUnavailable: not HTTPS (nor allowed plain HTTP), no host, or with a password.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as cause:
        raise TimestampUnavailable("the address of an authority cannot be read") from cause
    secure = parts.scheme == "https" or (
        parts.scheme == "http" and (plain_http or _is_this_machine(host))
    )
    if not secure or not host or "@" in parts.netloc:
        raise TimestampUnavailable("the address of an authority is not one that may be used")
    return parts


def _anywhere(_address: str) -> bool:
    return True


class Line:
    """A connection with one deadline and one limit of bytes for everything that comes in.

    `allows` says to which addresses it may go; the very address that was allowed is used.
    `at_most` is what the body of an answer may have.
    """

    def __init__(
        self,
        seconds: float,
        *,
        allows: Callable[[str], bool] = _anywhere,
        at_most: int = MAX_ANSWER,
    ) -> None:
        self._allows = allows
        self._ends = time.monotonic() + seconds
        self._left = at_most + MAX_FRAME
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()

    def open(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        """Connect to the first address that answers, and shake hands."""
        plain = self._connected(host, port)
        self._socket = plain
        if context is not None:
            plain.settimeout(self._remaining())
            self._socket = context.wrap_socket(plain, server_hostname=host)

    def sendall(self, data: bytes) -> None:
        """Send everything, or fail at the deadline."""
        self._ready().sendall(data)

    def receive(self, buffer: memoryview) -> int:
        """Take what has come, within the deadline and the limit."""
        count = self._ready().recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise ValueError("the answer is too large")
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What `http.client` reads from."""
        return io.BufferedReader(_Incoming(self))

    def close(self) -> None:
        """Nothing: `http.client` says this before it has read; the `with` hangs up."""

    def _connected(self, host: str, port: int) -> socket.socket:
        failed: OSError | None = None
        for family, kind, proto, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
            if not self._allows(str(address[0])):
                failed = ConnectionRefusedError("an address that may not be used")
                continue
            plain = socket.socket(family, kind, proto)
            try:
                plain.settimeout(min(CONNECT, self._remaining()))
                plain.connect(address)
            except OSError as error:
                plain.close()
                failed = error
            else:
                return plain
        raise failed or ConnectionError("no address")

    def _ready(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionError("not connected")
        self._socket.settimeout(self._remaining())
        return self._socket

    def _remaining(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class _Incoming(io.RawIOBase):
    """The reading side of a line."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a Buffer, which 3.11 cannot name
        return self._line.receive(memoryview(buffer))


_TIMESTAMP = {
    "Content-Type": "application/timestamp-query",
    "Accept": "application/timestamp-reply",
}


def exchange(  # noqa: PLR0913 - a request has these parts
    line: Line,
    parts: SplitResult,
    body: bytes | None,
    headers: Mapping[str, str],
    context: ssl.SSLContext,
    *,
    method: str = "POST",
) -> http.client.HTTPResponse:
    """One request over a line of its own; redirects are not followed and no proxy is asked.

    Raises:
        OSError, http.client.HTTPException, ValueError: no proper answer in time.
    """
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    line.open(host, port, context if secure else None)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(host, port)
    # Our own connection: no second one is opened, nothing is read from the environment.
    connection.sock = line  # all that http.client uses of a socket
    connection.request(method, path, body, {**headers, "Connection": "close"})
    return connection.getresponse()


def _body_of(response: http.client.HTTPResponse) -> bytes:
    if response.status != OK:
        raise ValueError("another status than 200")
    answer = response.read(MAX_ANSWER + 1)
    if len(answer) > MAX_ANSWER:
        raise ValueError("the answer is too large")
    return answer


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
