"""What an expert asks of a verdict: fingerprints, keys and moments, each under its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from web.i18n import N_

if TYPE_CHECKING:
    from verifier.verdict import Details

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ExpertLine:
    """One name and its value; the value is the same in every language."""

    label: str
    value: str


LABELS = {
    "file_sha256": N_("SHA-256 of the file"),
    "covered_sha256": N_("SHA-256 of what the seal covers"),
    "signature_algorithm": N_("Algorithm of the signature"),
    "key_id": N_("Our key"),
    "key_subject": N_("Certificate"),
    "time_stamped_at": N_("Time-stamp"),
    "time_stamp_authority": N_("Key of the time-stamp"),
    "trust_list_serial": N_("Number of the trust list"),
    "trust_list_issued_at": N_("Date of the trust list"),
    "status_checked_at": N_("Status asked"),
}


def lines(details: Details, translate: Translate) -> Iterator[ExpertLine]:
    """What is known, in the order of the check; moments in UTC."""
    for name, label in LABELS.items():
        value = getattr(details, name)
        if value is not None:
            yield ExpertLine(translate(label), _plain(value))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return str(value)
