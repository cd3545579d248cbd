"""How a request and an error cross the socket between the web role and the signer.

A request names a record that the signer reads for itself; nothing that is to be
signed ever comes in. An error crosses as its kind, and arrives as the same class: the
classes are those of our own families and no others, so nothing can be made to run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

from credentials.errors import CredentialError, SealingPaused
from credentials.extract import Language, Purpose
from keys.errors import KeysError
from register.errors import RegisterError
from storage.errors import StorageUnavailable

EXTRACTS, READY = "/extracts", "/ready"
NUMBER = "Echt-Number"
"""Header that carries the number of the document in the body."""
MAX_ID = 64
MAX_DOCUMENT = 16 * 1024 * 1024
MAX_ERROR = 64 * 1024
PAUSED = "Sealing is paused. Nothing was issued."
AT_THE_SIGNER = "The log of the signer process says what is wrong."

FAMILIES: tuple[type[Exception], ...] = (
    CredentialError,
    KeysError,
    RegisterError,
    StorageUnavailable,
)
"""Whose errors cross for an extract; rooms above add their own."""

_LISTS = ("code_points", "findings")


class Wanted(BaseModel):
    """Which extract, for whom: everything that a web process can say to the signer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    award_id: str = Field(min_length=1, max_length=MAX_ID)
    person_id: str = Field(min_length=1, max_length=MAX_ID)
    language: Language
    purpose: Purpose


def crossing(error: object) -> dict[str, object]:
    """An error as it leaves the signer: its kind and what people may read, no operator's text."""
    texts = {"kind": getattr(error, "kind", ""), "public": getattr(error, "public", "")}
    if not isinstance(error, KeysError) and hasattr(error, "reason"):
        texts["reason"] = error.reason  # a key for machines, and not words for an operator
    return texts | {name: list(getattr(error, name)) for name in _LISTS if hasattr(error, name)}


def arrived(content: object, families: tuple[type[Exception], ...] = FAMILIES) -> Exception:
    """The error that the signer raised; one that we do not know is a pause."""
    known = _by_kind(families)
    kind = content.get("kind") if isinstance(content, Mapping) else None
    if not isinstance(content, Mapping) or kind not in known:
        return SealingPaused(PAUSED)
    found = known[str(kind)]
    # Not by the constructor: each class has its own, and this sets what they all come to.
    error = found.__new__(found)
    if issubclass(found, KeysError):
        error.args, error.__dict__["reason"] = (AT_THE_SIGNER,), AT_THE_SIGNER
    else:
        public = str(content.get("public", ""))
        error.args, error.__dict__["public"] = (public,), public
        error.__dict__["reason"] = str(content.get("reason", ""))
    error.__dict__.update({name: _texts(content[name]) for name in _LISTS if name in content})
    return error


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _by_kind(families: tuple[type[Exception], ...]) -> dict[str, type[Exception]]:
    return {str(vars(one)["kind"]): one for base in families for one in _below(base)}


def _below(base: type[Exception]) -> Iterator[type[Exception]]:
    if "kind" in vars(base):
        yield base
    for child in base.__subclasses__():
        yield from _below(child)
