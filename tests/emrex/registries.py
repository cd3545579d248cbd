"""Registries for tests: both forms of a list, and a server on this machine that hands them out."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from emrex.registry.entry import ENTRY, pem
from tests.listening import answering

FINLAND = "https://emp.example.fi/init"
NORWAY = "https://emp.example.no/init"


def emreg(*providers: tuple[str, Sequence[bytes]], name: str = "FI", single: bool = False) -> bytes:
    """The list of EMREG with these addresses, and the certificates of each."""
    country = {"countryCode": "FI", "countryName": "Finland", "singleFetch": single}
    listed = [
        {
            "acronym": name,
            "countryCode": "FI",
            "institutions": ["University of Oulu", "All"],
            "url": url,
            "pubKey": pem(certificates).decode(),
        }
        for url, certificates in providers
    ]
    return json.dumps({"countries": [country], "emps": listed}).encode()


def catalogue(*providers: tuple[str, Sequence[bytes]], name: str = "FI", more: str = "") -> bytes:
    """The catalogue of EWP with these addresses, and the certificates of each."""
    entries = "".join(
        f'<e:emrex-data-access-point xmlns:e="{ENTRY}" version="1.0.0"><e:url>{url}</e:url>'
        f"<e:name>{name}</e:name><e:country-code>FI</e:country-code>"
        + "".join(
            f"<e:certificate>{base64.b64encode(one).decode()}</e:certificate>"
            for one in certificates
        )
        + "</e:emrex-data-access-point>"
        for url, certificates in providers
    )
    return f"<catalogue>{more}<host>{entries}</host></catalogue>".encode()


@dataclass
class Shop:
    """A server that knows whether somebody has its newest file already."""

    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    etag: str = '"v1"'
    asked: list[dict[str, str]] = field(default_factory=list)
    """The headers of every request."""
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/list"


@contextmanager
def open_shop(shop: Shop, port: int = 0) -> Iterator[Shop]:
    """Serve what the test puts in the shop, at a free port or at one of before."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.asked.append(dict(self.headers))
            same = shop.etag and self.headers.get("If-None-Match") == shop.etag
            self.send_response(304 if same else shop.status)
            self.send_header("ETag", shop.etag)
            self.send_header("Content-Type", shop.kind)
            self.send_header("Content-Length", "0" if same else str(len(shop.body)))
            self.end_headers()
            if not same:
                self.wfile.write(shop.body)

    with answering(Handler, port) as shop.port:
        yield shop
