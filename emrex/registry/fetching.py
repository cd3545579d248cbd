"""Fetches a registry's file from the one address that an operator named.

A registry is somebody else's server: it gets one connection, one minute and one count of
bytes; it leads us nowhere else, and what is not the kind of file that we asked for is not read.
"""

from __future__ import annotations

import http.client
import re
import ssl
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import SplitResult

from emrex.errors import RegistryRefused
from emrex.registry.reading import MAX_BYTES
from keys.errors import TimestampUnavailable
from keys.posting import Line, check_url, exchange

SECONDS = 60.0
"""For everything: name, connection, TLS, headers and body."""
TYPES = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?(?:json|xml)", re.ASCII)
_MARK = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}")
_OK, _SAME = 200, 304
_MOVED = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class Marks:
    """By which a server tells whether we have its newest file (RFC 9110 13.1)."""

    etag: str = ""
    modified: str = ""

    def asked_by(self) -> dict[str, str]:
        """As headers of the next request."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as it came, not looked into yet."""

    body: bytes = field(repr=False)
    marks: Marks


class Fetch(Protocol):
    """Something that fetches a file if there is a newer one."""

    def __call__(self, address: str, marks: Marks) -> Fetched | None:
        """The file, or None: it is the one that these marks are of.

        Raises:
            RegistryRefused: no answer in time, or not one that we read.
        """
        ...


def refused(reason: str) -> RegistryRefused:
    """No list came; the reason is for the log."""
    return RegistryRefused("The registry cannot be read now.", reason)


class HttpFetch:
    """`Fetch` over HTTPS, plain HTTP within this machine only; no redirect, no proxy."""

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        at_most: int = MAX_BYTES,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds = seconds
        self._at_most = at_most
        self._context = context

    def __call__(self, address: str, marks: Marks) -> Fetched | None:
        """See `Fetch`."""
        parts = _parts(address)
        context = self._context or ssl.create_default_context()
        asked = {"Accept": "application/json, application/xml", "Accept-Encoding": "identity"}
        try:
            with Line(self._seconds, at_most=self._at_most) as line:
                headers = asked | marks.asked_by()
                answer = exchange(line, parts, None, headers, context, method="GET")
                return self._taken(answer, marks)
        except TimeoutError as cause:
            raise refused("slow") from cause
        except (OSError, http.client.HTTPException) as cause:
            raise refused("away") from cause
        except ValueError as cause:  # of `Line`: more than it carries
            raise refused("too-large") from cause

    def _taken(self, answer: http.client.HTTPResponse, marks: Marks) -> Fetched | None:
        if answer.status == _SAME and marks != Marks():
            return None
        _require_file(answer)
        body = answer.read(self._at_most + 1)
        if len(body) > self._at_most:
            raise refused("too-large")
        if answer.length:
            raise refused("cut-short")
        return Fetched(body, Marks(_mark(answer, "ETag"), _mark(answer, "Last-Modified")))


def _parts(address: str) -> SplitResult:
    try:
        return check_url(address)
    except TimestampUnavailable as cause:
        raise refused("address") from cause


def _require_file(answer: http.client.HTTPResponse) -> None:
    """Refuse what is no file before a byte of it is read."""
    if answer.status in _MOVED:
        raise refused("redirect")
    if answer.status != _OK:
        raise refused("status")
    kind = answer.getheader("Content-Type", "").partition(";")[0].strip().lower()
    if not TYPES.fullmatch(kind):
        raise refused("type")
    if answer.getheader("Content-Encoding", "identity").strip().lower() != "identity":
        raise refused("packed")


def _mark(answer: http.client.HTTPResponse, name: str) -> str:
    """A header to send back next time; one that is odd is not kept."""
    value = answer.getheader(name, "")
    return value if _MARK.fullmatch(value) else ""
