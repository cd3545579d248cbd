"""Fetching from the one issuer that an operator named: bounded in time and bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2

from verifier.errors import IndexUnavailable

ADDRESS = "/api/v1/index-snapshots/"
CONNECT = 5.0
SECONDS = 20.0
"""For the signed page, and between two pieces of anything."""
SLOWEST = 100_000
"""Bytes a second below which a segment is given up."""
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_OK = 200
_PLAIN = {"Accept-Encoding": "identity"}


class HttpFetch:
    """`Fetch` over HTTPS, plain HTTP within this machine only; no redirect, no proxy."""

    def __init__(self, issuer: str) -> None:
        """Name the issuer.

        Raises:
            IndexUnavailable: the address is not one that may be used.
        """
        parts = urlsplit(issuer)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not secure or not parts.hostname or "@" in parts.netloc:
            raise IndexUnavailable("The address of the issuer is not one that may be used.")
        self._base = issuer.rstrip("/") + ADDRESS

    def __call__(self, name: str, *, at_most: int) -> Iterator[bytes]:
        """The bytes under a name; raises as `Fetch`."""
        until = time.monotonic() + SECONDS + at_most / SLOWEST
        timeout = httpx2.Timeout(SECONDS, connect=CONNECT)
        try:
            with (
                httpx2.Client(timeout=timeout, trust_env=False) as client,
                client.stream("GET", self._base + name, headers=_PLAIN) as answer,
            ):
                if answer.status_code != _OK:
                    raise IndexUnavailable("The issuer has no index for us now.")
                yield from _counted(answer.iter_raw(), at_most, until)
        except (
            httpx2.HTTPError,
            httpx2.StreamError,
            httpx2.InvalidURL,
            OSError,
            ValueError,
        ) as cause:
            raise IndexUnavailable("The issuer does not answer now.") from cause


def _counted(pieces: Iterator[bytes], at_most: int, until: float) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > at_most or time.monotonic() > until:
            raise IndexUnavailable("The issuer sends too much, or too slowly.")
        yield piece
