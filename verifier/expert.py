"""What an expert asks of a verdict: fingerprints, keys and moments, each under its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from keys.moments import written
from verifier import texts

if TYPE_CHECKING:
    from verifier.texts import Translate
    from verifier.verdict import Details


@dataclass(frozen=True, slots=True)
class ExpertLine:
    """One name and its value; the value is the same in every language."""

    label: str
    value: str


def lines(details: Details, translate: Translate) -> Iterator[ExpertLine]:
    """What is known, in the order of the check; moments in UTC."""
    for name, label in texts.EXPERT.items():
        value = getattr(details, name)
        if value is not None:
            yield ExpertLine(translate(label), _plain(value))


def _plain(value: object) -> str:
    return written(value) if isinstance(value, datetime) else str(value)
