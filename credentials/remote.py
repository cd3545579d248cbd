"""Extracts made by the signer process: the web role's end of the line.

This process holds no key and never sees one. It can ask for an extract of an award by
name; the signer reads the award, decides, records and seals by itself. While nobody
answers, sealing is paused, and everything that needs no key goes on.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

from credentials.channel import HOST, Channel
from credentials.errors import SealingPaused
from credentials.extract import TEMPLATE_VERSION, Language, Purpose
from credentials.issuing import Issued, require_statable
from credentials.ledger import Entry, Ledger
from credentials.wire import (
    EXTRACTS,
    MAX_DOCUMENT,
    MAX_ERROR,
    NUMBER,
    PAUSED,
    READY,
    Wanted,
    arrived,
)
from register.records import AwardRecord

ANSWER_SECONDS = 30.0
"""Rendering, time-stamp and seal together take well under a second."""
SUCCESS = range(200, 300)
_NUMBER = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RemoteExtracts:
    """Asks the signer for extracts, on a line of its own for every request.

    Nothing is kept between requests: the web role starts without the signer, survives
    it, and finds the next one; threads share it freely.
    """

    socket: Path
    """Where the signer listens."""
    channel: Channel
    """Both certificates, and the web role's key."""
    ledger: Ledger
    """Says which documents exist already; that needs no signer."""
    clock: Callable[[], datetime]
    patience: float = ANSWER_SECONDS
    """Seconds without a word after which nobody is there."""

    def extract(self, record: AwardRecord, language: Language, purpose: Purpose) -> Issued:
        """The sealed extract of this award; a second identical call gives the same bytes.

        Raises:
            SealingPaused: the signer is not there, is not ours, or cannot seal now.
            CredentialError: whatever the signer raised, as the same class.
        """
        require_statable(record)
        wanted = Wanted(
            award_id=record.award.award_id,
            person_id=record.person.person_id,
            language=language,
            purpose=purpose,
        )
        number, document = self._ask("POST", EXTRACTS, wanted.model_dump_json())
        if not _NUMBER.fullmatch(number):
            raise SealingPaused(PAUSED)
        return Issued(number, document)

    def made(self, record: AwardRecord, language: Language, purpose: Purpose) -> Entry | None:
        """The document that `extract` would give again, as far as the ledger tells."""
        wanted = _marks(record, language, purpose)
        documents = self.ledger.documents_of(record.person.person_id)
        return next((entry for entry in documents if _marks_of(entry) == wanted), None)

    def ping(self) -> None:
        """Ask whether the signer can seal; raises whatever keeps it from that."""
        self._ask("GET", READY, "")

    def _ask(self, method: str, path: str, body: str) -> tuple[str, bytes]:
        """One request; answers with the number of a document, if any, and the body."""
        line = _Line(self.socket, self.channel.client_context(), self.patience)
        headers = {"Content-Type": "application/json", "Connection": "close"}
        try:
            with closing(line):
                line.request(method, path, body, headers)
                answer = line.getresponse()
                fine = answer.status in SUCCESS
                content = _read(answer, MAX_DOCUMENT if fine else MAX_ERROR)
        except (OSError, HTTPException) as cause:  # ssl.SSLError is an OSError
            raise SealingPaused(PAUSED) from cause
        if not fine:
            raise arrived(_json(content))
        return answer.getheader(NUMBER, ""), content


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
    except ValueError:  # also what is not UTF-8
        return None


Marks = tuple[str, int, str, int, str, str, str]


def _marks(record: AwardRecord, language: Language, purpose: Purpose) -> Marks:
    """What makes two extracts the same statement (`issuing.statement_of`), but for the profile."""
    award, person = record.award, record.person
    return (
        award.award_id,
        award.version,
        person.person_id,
        person.version,
        language.value,
        purpose.value,
        TEMPLATE_VERSION,
    )


def _marks_of(entry: Entry) -> Marks:
    intent = entry.intent
    return (
        intent.award_id,
        intent.award_version,
        intent.person_id,
        intent.person_version,
        intent.language,
        intent.purpose,
        intent.template,
    )
