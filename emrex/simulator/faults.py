"""What a client asks for, and everything that can be made wrong about it or about the answer."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from secrets import token_urlsafe
from urllib.parse import urlencode

from emrex.elmo.profiles import Version
from emrex.errors import PayloadRefused
from emrex.exchange.request import MAX_SESSION, WISHES
from emrex.packing import MAX_PACKED, packed, unpacked
from emrex.receiving.answer import FORM, Answer, Code
from emrex.receiving.fetch import Expected
from emrex.simulator.judging import Waiting, mark_of

Fields = tuple[tuple[str, str], ...]
ALLOWANCES = tuple(one for one in WISHES if one.startswith("allow"))
VERSIONS = tuple(version.value for version in Version)
NOBODY = "client.example/back"
"""A host that can never be anybody's (RFC 2606)."""
SOMEBODY = Expected("Jane Doe", date(1900, 1, 1))
"""Whom a client expects that asked for another person than the one who came."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A form as the client would send it."""

    fields: Fields
    kind: str
    query: str
    """What was added to the return address: for a client that keeps nothing itself."""


def sending(asked: Mapping[str, str], address: str, lang: str) -> Sending:
    """The form that somebody asked for; `address` is where answers come back to us.

    What is needed to judge the answer stands in that address, for nothing is kept.
    """
    session = asked.get("sessionId") or token_urlsafe(16)
    fault = asked.get("fault", "")
    query = "?" + urlencode(
        {"session": mark_of(session), "fault": fault if fault in RETURNED else ""}
    )
    wishes = [(name, asked[name]) for name in ALLOWANCES if asked.get(name) in {"true", "false"}]
    if asked.get("elmoVersion") in VERSIONS:
        wishes.append(("elmoVersion", asked["elmoVersion"]))
    sound = (("sessionId", session), ("returnUrl", address + query), ("lang", lang), *wishes)
    kind = "multipart/form-data" if fault == "other-form" else FORM
    return Sending(SENT[fault](sound) if fault in SENT else sound, kind, query)


def returned(answer: Answer, fault: str, mark: str) -> tuple[Answer, Waiting]:
    """The answer as it would be with this fault, and the client that it comes to."""
    bend = RETURNED.get(fault)
    waiting = Waiting(
        "" if fault == "second-click" else mark,
        is_late=fault == "late",
        person=SOMEBODY if fault == "other-person" else None,
    )
    return (bend(answer) if bend else answer), waiting


def _without(name: str) -> Callable[[Fields], Fields]:
    return lambda fields: tuple(one for one in fields if one[0] != name)


def _with(name: str, value: str) -> Callable[[Fields], Fields]:
    return lambda fields: tuple((key, value if key == name else old) for key, old in fields)


def _document_of(answer: Answer, change: Callable[[bytes], bytes]) -> Answer:
    try:
        return replace(answer, elmo=packed(change(unpacked(answer.elmo))))
    except PayloadRefused:  # no document came, or none that can be opened: nothing to change in it
        return answer


def _too_large(answer: Answer) -> Answer:
    return replace(answer, elmo="A" * (2 * MAX_PACKED)) if answer.elmo else answer


def _one_report_more(document: bytes) -> bytes:
    start, end = document.find(b"<report>"), document.find(b"</report>") + len(b"</report>")
    return document[:end] + document[start:end] + document[end:] if start >= 0 else document


def _somebody_else(document: bytes) -> bytes:
    return document.replace(b"</familyName>", b"x</familyName>", 1)


SENT: Mapping[str, Callable[[Fields], Fields]] = {
    "no-session": _without("sessionId"),
    "no-address": _without("returnUrl"),
    "two-sessions": lambda fields: (fields[0], *fields),
    "long-session": _with("sessionId", "s" * (MAX_SESSION + 1)),
    "unsafe-address": _with("returnUrl", f"http://{NOBODY}"),
    "foreign-address": _with("returnUrl", f"https://{NOBODY}"),
    "other-form": lambda fields: fields,
}
"""What a client does wrong when it asks, by the key of the fault."""
RETURNED: Mapping[str, Callable[[Answer], Answer]] = {
    "wrong-session": lambda one: replace(one, session_id=one.session_id[::-1] + "x"),
    "second-click": lambda one: one,
    "late": lambda one: one,
    "other-person": lambda one: one,
    "two-documents": lambda one: replace(one, is_twice=True),
    "unknown-code": lambda one: replace(one, code=Code.UNKNOWN, said=""),
    "no-document": lambda one: replace(one, elmo=""),
    "cut-short": lambda one: replace(one, elmo=one.elmo[: len(one.elmo) // 8 * 4]),
    "not-gzip": lambda one: replace(one, elmo=base64.b64encode(b"no gzip").decode()),
    "not-xml": lambda one: _document_of(one, lambda _: b"<elmo"),
    "too-large": _too_large,
    "more-reports": lambda one: _document_of(one, _one_report_more),
    "tampered": lambda one: _document_of(one, _somebody_else),
}
"""What happens to an answer on its way back."""
