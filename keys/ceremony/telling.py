"""What a plan will do, in lines for the people who approve it: all of it, as it was understood."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from cryptography import x509

from keys.ceremony.plan import Plan
from keys.roster import Approver


def told(plan: Plan) -> Iterator[str]:
    """Every value that the program took from the plan, and the digest of its bytes."""
    yield f"{plan.name}: {plan.kind}, on {plan.day}"
    yield from _members(plan.act, "  ")
    yield f"Plan: SHA-256 {plan.sha256}"


def shown(text: str) -> str:
    """A text of somebody else's on a terminal: what would steer it stands there escaped."""
    return text if text.isprintable() else ascii(text)


def _members(value: object, indent: str) -> Iterator[str]:
    if not is_dataclass(value):
        raise TypeError(value)
    for one in fields(value):
        yield from _told(one.name.replace("_", " "), getattr(value, one.name), indent)


def _told(name: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, Approver):
        who = f"{value.id}  {value.name}  {value.role}  {value.fingerprint}"
        yield f"{indent}{name}: {who}"
    elif isinstance(value, bytes):
        subject = x509.load_der_x509_certificate(value).subject.rfc4514_string()
        yield f"{indent}{name}: {shown(subject)}  {hashlib.sha256(value).hexdigest()}"
    elif isinstance(value, tuple):
        for one in value:
            yield from _told(name, one, indent)
    elif isinstance(value, Mapping):
        yield f"{indent}{name}:"
        for key, one in value.items():
            yield from _told(key, one, f"{indent}  ")
    elif is_dataclass(value):
        yield f"{indent}{name}:"
        yield from _members(value, f"{indent}  ")
    else:
        yield f"{indent}{name}: {shown(str(value))}"
