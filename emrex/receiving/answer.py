"""The four fields that come back from a provider, out of a form that anybody may have made."""

from __future__ import annotations

import enum
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from emrex.errors import AnswerRefused, NotAForm
from emrex.exchange.request import MAX_SESSION
from emrex.packing import MAX_PACKED
from emrex.receiving.document import plain

MAX_BODY = MAX_PACKED * 4 // 3 * 5 // 4 + 64 * 1024
"""The largest document in base64, with its signs written as %2B, and the fields around it."""
MAX_FIELDS = 20
MAX_MESSAGE = 4_000
"""Letters of a message that are looked at; fewer are shown."""
FORM = "application/x-www-form-urlencoded"
_CODE = re.compile(r"(?:NCP|EMP)_(OK|NO_RESULTS|CANCEL|ERROR)")
"""Older providers say NCP, newer ones EMP (emrex.md 2.2)."""


class Code(enum.StrEnum):
    """What a provider says came of it."""

    OK = "OK"
    NO_RESULTS = "NO_RESULTS"
    CANCEL = "CANCEL"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came; only the session is known to be there once."""

    session_id: str = field(repr=False)
    code: Code
    message: str = ""
    elmo: str = field(default="", repr=False)
    is_twice: bool = False
    """Whether a field came more than once, so that nobody knows which one is meant."""
    said: str = ""
    """The code with its prefix, as it came; empty where it is none that we know."""


def answer_in(body: bytes) -> Answer:
    """Read the form; fields that we do not know are passed over.

    Raises:
        AnswerRefused: no form, or without exactly one session to belong to.
    """
    try:
        found = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as cause:  # letters that no browser sends, or too many fields
        raise AnswerRefused("This is not the form of a provider.", "form") from cause
    return answer_of(found)


def answer_of(found: Sequence[tuple[str, str]]) -> Answer:
    """The same of fields that were read already; raises as `answer_in`."""
    sessions = [value for name, value in found if name == "sessionId"]
    if len(sessions) != 1 or not 0 < len(sessions[0]) <= MAX_SESSION:
        raise AnswerRefused("This answer does not say which question it is for.", "session")
    fields = dict(found)
    names = [name for name, _ in found if name in {"returnCode", "returnMessage", "elmo"}]
    said = _CODE.fullmatch(fields.get("returnCode", ""))
    return Answer(
        sessions[0],
        Code(said[1]) if said else Code.UNKNOWN,
        plain(fields.get("returnMessage", "")[:MAX_MESSAGE]),
        fields.get("elmo", ""),
        is_twice=len(names) != len(set(names)),
        said=said[0] if said else "",
    )


async def body_of(kind: str, stream: AsyncIterator[bytes]) -> bytes:
    """The bytes of the one kind of form that providers send.

    Raises:
        NotAForm: another kind.
        AnswerRefused: more than any answer holds.
    """
    if kind.partition(";")[0].strip().lower() != FORM:
        raise NotAForm("This is not the form of a provider.")
    body = bytearray()
    async for part in stream:
        body += part
        if len(body) > MAX_BODY:
            raise AnswerRefused("This answer is larger than 8 MB packed.", "too-large")
    return bytes(body)
