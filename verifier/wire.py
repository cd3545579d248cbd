"""How the closed room is spoken to: length, then JSON; and evidence to JSON and back.

The answer comes from a process that read hostile bytes, so it is believed only as far
as its form goes: known names, known values, bounded sizes, and nothing else.
"""

from __future__ import annotations

import json
import struct
from base64 import b64decode, b64encode
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from verifier.errors import ReadingFailed
from verifier.intake import Kind
from verifier.ports import BY_CONTENT, Asked, Provider
from verifier.verdict import Check, CheckName, CheckResult, Details, Evidence, Way

READY = b"echt-reader-1\n"
"""The first thing a reader says when its walls stand."""

MAX_ANSWER = 4 * 1024 * 1024
LENGTH = struct.Struct(">I")
_MAX_CHECKS = 20
_MAX_WORD = 60
_MAX_TEXT = 500


Question = tuple[bytes, bytes]


def question(data: bytes, trust: bytes | None, now: str, asked_: Asked = BY_CONTENT) -> Question:
    """One job on the wire: a header, the trust list, the file.

    In two parts, because joining them would copy a large file while nobody else can work.
    """
    told = {
        "now": now,
        "trust": None if trust is None else len(trust),
        "kind": asked_.kind,
        "address": asked_.address,
        "providers": [
            [one.name, [b64encode(der).decode("ascii") for der in one.certificates]]
            for one in asked_.providers
        ],
    }
    before = (json.dumps(told).encode(), trust or b"")
    framed = b"".join(LENGTH.pack(len(part)) + part for part in before)
    return framed + LENGTH.pack(len(data)), data


def asked(header: dict[str, Any]) -> Asked:
    """What the header says besides time and trust list."""
    kind = header["kind"]
    providers = tuple(
        Provider(name, tuple(map(b64decode, certificates)))
        for name, certificates in header["providers"]
    )
    return Asked(None if kind is None else Kind(kind), header["address"], providers)


def answer(evidence: Evidence | None, failure: str = "") -> bytes:
    """Evidence on the wire, or the class of what went wrong."""
    told = {"failure": failure} if evidence is None else _told(evidence)
    body = json.dumps(told).encode()
    if len(body) > MAX_ANSWER:
        body = json.dumps({"failure": "answer_too_large"}).encode()
    return LENGTH.pack(len(body)) + body


def understood(body: bytes) -> Evidence:
    """Evidence out of an answer.

    Raises:
        ReadingFailed: the reader failed, or its answer is not of the agreed form.
    """
    try:
        told = json.loads(body)
        if "failure" in told:
            raise ReadingFailed(_word(told["failure"]))
        return _evidence(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
        raise ReadingFailed("answer_not_understood") from cause


def _told(evidence: Evidence) -> dict[str, Any]:
    return {
        "checks": [[c.name.value, c.result.value, c.reason] for c in evidence.checks],
        "ours": evidence.our_signature,
        "covered": evidence.covered_digest,
        "number": evidence.document_number,
        "facts": evidence.facts,
        "flags": list(evidence.flags),
        "way": evidence.way.value,
        "details": _details_told(evidence.details),
    }


def _details_told(details: Details) -> dict[str, str | int]:
    told = {one.name: getattr(details, one.name) for one in fields(details)}
    return {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in told.items()
        if value is not None
    }


def _evidence(told: dict[str, Any]) -> Evidence:
    checks = told["checks"]
    if len(checks) > _MAX_CHECKS or type(told["ours"]) is not bool:
        raise ValueError("not evidence")
    facts = told["facts"]
    if facts is not None and not isinstance(facts, dict):
        raise TypeError("not facts")
    return Evidence(
        checks=tuple(Check(CheckName(n), CheckResult(r), _word(why)) for n, r, why in checks),
        our_signature=told["ours"],
        covered_digest=_word_or_none(told["covered"]),
        document_number=_word_or_none(told["number"]),
        facts=facts,
        flags=tuple(_word(flag) for flag in told["flags"][:_MAX_CHECKS]),
        way=Way(told["way"]),
        details=_details(told["details"]),
    )


def _details(told: dict[str, Any]) -> Details:
    """Known names only, each of the type that the record gives it."""
    known: dict[str, Any] = {name: _DETAIL[name](value) for name, value in told.items()}
    return Details(**known)


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_word(value))
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError("not a number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise TypeError("not a text")
    return value


def _word_or_none(value: object) -> str | None:
    return None if value is None else _word(value)


def _word(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_WORD + 4:
        raise TypeError("not a word")
    return value


_READERS = {"datetime | None": _moment, "int | None": _whole, "str | None": _text}
_DETAIL = {one.name: _READERS[str(one.type)] for one in fields(Details)}
