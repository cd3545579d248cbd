"""Servers in threads of this process, so that a test decides what stands behind them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import uvicorn
from fastapi import FastAPI

from running import listening


@contextmanager
def a_place() -> Iterator[tuple[socket.socket, str]]:
    """A free place on loopback, and its address."""
    with listening("127.0.0.1", 0) as listener:
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def served(app: FastAPI, listener: socket.socket) -> Iterator[uvicorn.Server]:
    """Serve until the end of the block."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def answering(kind: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    """Answer as `kind` does, without a line about each request, until the end of the block.

    Gives the port: a free one, unless one is named.
    """
    quiet = type("Quiet", (kind,), {"log_message": lambda *_: None})
    with ThreadingHTTPServer(("127.0.0.1", port), quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def show(visitor: BaseHTTPRequestHandler, page: bytes) -> None:
    """Answer this request with a page."""
    visitor.send_response(200)
    visitor.send_header("Content-Type", "text/html; charset=utf-8")
    visitor.end_headers()
    visitor.wfile.write(page)
