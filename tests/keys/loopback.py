"""An HTTP server on this machine that does to its one connection at a time what a test says."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behaviour = Callable[[socket.socket, bytes], None]
"""Takes a connection and the body that came in over it."""


@contextmanager
def serving(behave: Behaviour, *, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve on a free port while the block runs; gives the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, behave, tls), daemon=True).start()
        scheme = "https" if tls else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/tsa"
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a connection


def answering(respond: Callable[[bytes], bytes]) -> Behaviour:
    """A proper server: whatever `respond` says, with status 200."""

    def behave(connection: socket.socket, body: bytes) -> None:
        connection.sendall(http(respond(body)))

    return behave


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


def _accept(listener: socket.socket, behave: Behaviour, tls: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_handle, args=(connection, behave, tls), daemon=True).start()


def _handle(plain: socket.socket, behave: Behaviour, tls: ssl.SSLContext | None) -> None:
    with plain, contextlib.suppress(OSError, ValueError):
        connection = tls.wrap_socket(plain, server_side=True) if tls else plain
        with connection:
            behave(connection, _body(connection))


def _body(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as file:
        size = 0
        while line := file.readline().strip().lower():
            if line.startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        return file.read(size)
