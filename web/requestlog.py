"""One line in the log for every request, under a number that people can quote.

The line has the pattern of the path, never the path: an address may hold the number
of an award. A query is never logged at all.
"""

from __future__ import annotations

import secrets
import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"
# No letters and digits that look alike: people read these aloud (Crockford's base 32).
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_request_id() -> str:
    """A random number of 60 bits in three groups: `7K2M-0QDX-9RTA`."""
    bits = secrets.randbits(60)
    signs = "".join(_ALPHABET[bits >> place & 31] for place in range(0, 60, 5))
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


class RequestLog:
    """Gives every request a number and logs it once, when it has been answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and write its line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        line = _Line(scope, send)
        try:
            with structlog.contextvars.bound_contextvars(request_id=line.request_id):
                await self._app(scope, receive, line.send)
        finally:
            line.write()


class _Line:
    """What the log keeps of one request."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._method = scope["method"]
        self._started = time.perf_counter()
        self._status = 500
        self._bytes = 0
        self.request_id = new_request_id()
        scope.setdefault("state", {})["request_id"] = self.request_id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self.request_id
        self._bytes += len(message.get("body", b""))
        await self._send(message)

    def write(self) -> None:
        structlog.get_logger().info(
            "request",
            request_id=self.request_id,
            method=self._method if self._method.isalpha() else "?",
            route=route_of(self._scope),
            status=self._status,
            duration_ms=round((time.perf_counter() - self._started) * 1000, 1),
            bytes_out=self._bytes,
        )


def route_of(scope: Scope) -> str:
    """The pattern that a request matched, or `unmatched`."""
    return str(getattr(scope.get("route"), "path", "unmatched"))
