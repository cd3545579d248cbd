"""The web role's end of the line to the signer: one request on a connection of its own.

Nothing is kept between requests: the web role starts without the signer, survives it, and
finds the next one; threads share it freely.
"""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

from credentials.channel import HOST, Channel
from credentials.errors import SealingPaused
from credentials.wire import FAMILIES, MAX_DOCUMENT, MAX_ERROR, PAUSED, arrived

ANSWER_SECONDS = 30.0
"""Rendering, time-stamp and seal together take well under a second."""
SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the signer sent back."""

    content: bytes = field(repr=False)
    mark: str
    """The header that was asked for with it; empty where there is none."""


@dataclass(frozen=True, slots=True)
class SignerLine:
    """Where the signer listens, and how each end knows the other."""

    socket: Path
    channel: Channel
    """Both certificates, and the web role's key."""
    patience: float = ANSWER_SECONDS
    """Seconds without a word after which nobody is there."""

    def ask(  # noqa: PLR0913 - a request has these parts
        self,
        method: str,
        path: str,
        body: str = "",
        *,
        mark: str = "",
        at_most: int = MAX_DOCUMENT,
        families: tuple[type[Exception], ...] = FAMILIES,
    ) -> Answer:
        """One request. `mark` is a header of the answer that belongs to its content.

        Raises:
            SealingPaused: the signer is not there, is not ours, or went mad.
            Exception: whatever the signer raised, as the same class of one of the families.
        """
        line = _Line(self.socket, self.channel.client_context(), self.patience)
        headers = {"Content-Type": "application/json", "Connection": "close"}
        try:
            with closing(line):
                line.request(method, path, body, headers)
                answer = line.getresponse()
                fine = answer.status in SUCCESS
                content = _read(answer, at_most if fine else MAX_ERROR)
        except (OSError, HTTPException) as cause:  # ssl.SSLError is an OSError
            raise SealingPaused(PAUSED) from cause
        if not fine:
            raise arrived(_json(content), families)
        return Answer(content, answer.getheader(mark, "") if mark else "")


class _Line(HTTPConnection):
    """HTTP to a Unix socket, inside TLS."""

    def __init__(self, path: Path, context: ssl.SSLContext, patience: float) -> None:
        super().__init__(HOST)
        self._patience = patience
        self._path = path
        self._context = context

    def connect(self) -> None:
        """Open the line; both ends have proven themselves when this returns."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(self._patience)
            line.connect(str(self._path))
            self.sock = self._context.wrap_socket(line, server_hostname=HOST)
        except BaseException:
            line.close()
            raise


def _read(answer: HTTPResponse, limit: int) -> bytes:
    """All of an answer, as long as it is not more than we would ever be sent."""
    content = answer.read(limit + 1)
    if len(content) > limit or answer.length:  # too long, or cut off
        raise SealingPaused(PAUSED)
    return content


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):  # also what is not UTF-8, or nested without end
        return None
