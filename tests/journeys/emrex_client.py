"""A university abroad, as a browser meets it: a form that leads to us, and the way back.

It stands under `localhost` and the service under its address in numbers: two sites for a
browser, so the cookies that are and are not sent are the real ones.
"""

from __future__ import annotations

import base64
import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from lxml import html
from lxml.html import builder

SESSION = "a+/=&<\"é'b"
"""Letters that something on the way could change; the answer must carry the same."""


@dataclass(slots=True)
class University:
    """Where a holder begins, and what came back."""

    base: str = ""
    answers: list[list[tuple[str, str]]] = field(default_factory=list)
    """The fields of each answer, in their order."""

    @property
    def told(self) -> dict[str, str]:
        """The one answer that came; each field of it once."""
        (only,) = self.answers
        assert len(dict(only)) == len(only)
        return dict(only)

    @property
    def document(self) -> bytes:
        """The document of the answer, unpacked."""
        return gzip.decompress(base64.b64decode(self.told["elmo"], validate=True))


@contextmanager
def university(provider: str) -> Iterator[University]:
    """A client of that provider, until the block ends."""
    found = University()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(found, provider))
    found.base = f"http://localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def _answering(found: University, provider: str) -> type[BaseHTTPRequestHandler]:
    class Client(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """The page where a holder begins, in the language that the address names."""
            lang = self.path.strip("/")[:2]
            back = f"{found.base}/back?for={lang}&step=2"
            told = {"sessionId": SESSION, "returnUrl": back, "lang": lang}
            self._show(_form(f"{provider}/emrex/init", told))

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            sent = self.rfile.read(length).decode("ascii")
            found.answers.append(parse_qsl(sent, keep_blank_values=True))
            self._show(builder.H1("Welcome back"))

        def _show(self, content: html.HtmlElement) -> None:
            page = builder.HTML(builder.BODY(content))
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.tostring(page, doctype="<!doctype html>", encoding="utf-8"))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Client


def _form(action: str, fields: Mapping[str, str]) -> html.HtmlElement:
    hidden = [builder.INPUT(type="hidden", name=name, value=fields[name]) for name in fields]
    return builder.FORM(*hidden, builder.BUTTON("Share results"), action=action, method="post")
