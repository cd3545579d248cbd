"""What every answer tells the browser to refuse (platform.md 3.7; verifier.md 2.5).

There is no inline style and no inline script anywhere, so the content policy needs
no nonce: only files of our own are ever loaded, from our own host. A picture may stand
in the page itself, so that what somebody uploaded never gets an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HSTS_SECONDS = 2 * 365 * 24 * 3600
PERMISSIONS = "Permissions-Policy"
POLICY = "Content-Security-Policy"
NO_CAMERA = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
OWN_CAMERA = NO_CAMERA.replace("camera=()", "camera=(self)")
"""For the one page that scans; a route says so itself."""


def policy(form_targets: Iterable[str]) -> str:
    """The content security policy; forms may go to these targets and nowhere else.

    Chromium holds the redirects of a form to `form-action` as well, so the origin of
    the login service has to be in it.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "script-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            " ".join(("form-action", *form_targets)),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def fixed_headers(form_targets: Iterable[str]) -> Mapping[str, str]:
    """The headers that are the same on every answer."""
    return {
        POLICY: policy(("'self'", *form_targets)),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Strict-Transport-Security": f"max-age={HSTS_SECONDS}; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


class SecurityHeaders:
    """Sets the fixed headers; `no-store` and no camera where an answer does not say otherwise."""

    def __init__(self, app: ASGIApp, form_targets: Iterable[str], version: str) -> None:
        self._app = app
        self._fixed = fixed_headers(form_targets)
        self._version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = headers.get(POLICY, self._fixed[POLICY])  # a page whose form goes elsewhere
                headers.update({**self._fixed, POLICY: own})
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault(PERMISSIONS, NO_CAMERA)
                if scope["path"].startswith("/api/"):
                    headers["API-Version"] = self._version
            await send(message)

        await self._app(scope, receive, send_with_headers)
