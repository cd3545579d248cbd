"""No other website acts for a visitor (platform.md 3.7; OWASP: fetch metadata).

Browsers say where a request comes from. What changes something must come from our
own pages; where an old browser leaves Sec-Fetch-Site out, its Origin must be our host.
A program sends neither, and is let through as long as it brings no session.
An address that other sites are meant to send people to takes nothing from a session.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import CrossSiteRefused

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OWN_SITES = frozenset({"same-origin", "none"})


class CrossSite:
    """Raises `CrossSiteRefused` for an unsafe request that another site started."""

    def __init__(self, app: ASGIApp, open_to_all: Iterable[str] = ()) -> None:
        self._app = app
        self._open = frozenset(open_to_all)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when it is our own."""
        unsafe = scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        guarded = unsafe and scope["path"] not in self._open
        if guarded and not is_own(Headers(scope=scope)):
            raise CrossSiteRefused
        await self._app(scope, receive, send)


def is_own(headers: Headers) -> bool:
    """Whether a request was started by our own pages, by hand, or by a program."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in OWN_SITES
    origin = headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] == headers.get("host", "")
    return "cookie" not in headers
