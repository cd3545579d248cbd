"""A university abroad, as a browser meets it: a form that leads to us, and the way back.

It stands under `localhost` and the service under its address in numbers: two sites for a
browser, so the cookies that are and are not sent are the real ones.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl

from lxml import html
from lxml.html import builder

from tests.listening import answering, show

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
    with answering(_client(found, provider)) as port:
        found.base = f"http://localhost:{port}"
        yield found


def _client(found: University, provider: str) -> type[BaseHTTPRequestHandler]:
    class Client(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """The page where a holder begins, in the language that the address names."""
            lang = self.path.strip("/")[:2]
            back = f"{found.base}/back?for={lang}&step=2"
            told = {"sessionId": SESSION, "returnUrl": back, "lang": lang}
            show(self, form_page(f"{provider}/emrex/init", told, "Share results"))

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            sent = self.rfile.read(length).decode("ascii")
            found.answers.append(parse_qsl(sent, keep_blank_values=True))
            show(self, _page(builder.H1("Welcome back")))

    return Client


def form_page(action: str, fields: Mapping[str, str], button: str) -> bytes:
    """A page with a form that takes these fields on to another site."""
    hidden = [builder.INPUT(type="hidden", name=name, value=fields[name]) for name in fields]
    return _page(builder.FORM(*hidden, builder.BUTTON(button), action=action, method="post"))


def _page(content: html.HtmlElement) -> bytes:
    page = builder.HTML(builder.BODY(content))
    written: bytes = html.tostring(page, doctype="<!doctype html>", encoding="utf-8")
    return written
