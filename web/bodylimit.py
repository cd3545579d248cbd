"""No request may send more than its address takes (platform.md 3.5).

The server has no limit of its own. A declared length is refused before anything is
read; a body without one is counted as it comes in, and cut off at the limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.errors import BodyTooLarge

FORM_LIMIT = 64 * 1024
UPLOAD_LIMIT = 10 * 1024 * 1024 + 16 * 1024
"""10 MB of file, and room for the multipart lines around it."""


class BodyLimit:
    """Raises `BodyTooLarge` instead of handing more bytes to the application."""

    def __init__(
        self, app: ASGIApp, upload_paths: Iterable[str], larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        limits = {**dict.fromkeys(upload_paths, UPLOAD_LIMIT), **(larger or {})}
        self._limits = tuple((compile_path(path)[0], most) for path, most in limits.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its body on a leash."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        if _declared(Headers(scope=scope)) > limit:
            raise BodyTooLarge
        leash = _Leash(receive, send, limit)
        try:
            await self._app(scope, leash.receive, leash.send)
        finally:
            # Whatever the application made of it: an error of its own, or an answer.
            if leash.exceeded and not leash.answered:
                raise BodyTooLarge

    def _limit(self, path: str) -> int:
        return next((most for one, most in self._limits if one.match(path)), FORM_LIMIT)


class _Leash:
    """Counts what comes in; once too much has come, the application's answer is void.

    A framework may turn our error into an answer of its own on the way out.
    """

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self.exceeded = False
        self.answered = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.exceeded = True
            raise BodyTooLarge
        return message

    async def send(self, message: Message) -> None:
        if self.exceeded and not self.answered:
            return
        self.answered = True
        await self._send(message)


def _declared(headers: Headers) -> int:
    """The declared length; the server has already refused one that is not a number."""
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0
