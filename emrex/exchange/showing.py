"""What the pages of a transfer show: who receives, and diplomas with the words of the extract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from credentials.downloading import DRAFT_NUMBER
from credentials.extract import Extract, Language, Purpose
from credentials.lines import Line, Part, numbered_lines
from credentials.results import ResultTable, result_table
from emrex.exchange.also import Also, also_sent
from emrex.exchange.clients import Client
from emrex.exchange.receipt import NamedBy, ShownReceiver
from emrex.exchange.request import ReturnUrl
from register.records import AwardRecord, AwardStatus

Translate = Callable[[str], str]
NUMBER_LINE = 9
"""The line of the extract with its own number, which no document that is sent has yet."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets the answer, as every page of a transfer says it."""

    host: str
    """As a person reads it, and where that differs, as the address bar writes it."""
    name: str
    """Empty where nobody verified who it is."""
    named_at: datetime | None
    """When a registry last gave that name; None where we know it ourselves."""
    logo: str = ""
    """As a `data:` address; empty where there is none."""

    @property
    def is_unknown(self) -> bool:
        """Whether the page warns, and asks for a second tick."""
        return not self.name

    def shown(self) -> ShownReceiver:
        """For the receipt of a yes that was said to this."""
        by = (
            NamedBy.NOBODY if self.is_unknown else NamedBy.REGISTRY if self.named_at else NamedBy.US
        )
        return ShownReceiver(self.name, by, self.named_at, warned=self.is_unknown)


def receiver_of(clients: Mapping[str, Client], address: ReturnUrl, language: str) -> Receiver:
    """Who receives at an address, by the names that we know."""
    known = clients.get(address.origin)
    if known is None:
        return Receiver(address.shown, "", None)
    return Receiver(address.shown, known.name(language), known.named_at, known.logo)


@dataclass(frozen=True, slots=True)
class Diploma:
    """What is sent of one award."""

    award_id: str
    title: Part
    institution: Part
    awarded: Part
    withdrawn: bool
    lines: tuple[Line, ...]
    table: ResultTable | None
    also: tuple[Also, ...]
    """What the document says beyond the extract."""


def diploma(record: AwardRecord, language: str, now: datetime, translate: Translate) -> Diploma:
    """One award as the page shows it, in the language of the page."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    extract = Extract(DRAFT_NUMBER, Language(language), Purpose.STUDY, moment, record)
    lines = tuple(line for line in numbered_lines(extract, translate) if line.number != NUMBER_LINE)
    first = {line.number: line.parts[0] for line in lines}
    table = result_table(extract, translate)
    seen = frozenset(_shown(lines, table))
    return Diploma(
        record.award.award_id,
        title=first[3],
        institution=first[5],
        awarded=first[6],
        withdrawn=record.award.status is AwardStatus.WITHDRAWN,
        lines=lines,
        table=table,
        also=also_sent(record, extract.language, translate, seen),
    )


def _shown(lines: Iterable[Line], table: ResultTable | None) -> Iterator[str]:
    """Every text of the lines and the table."""
    yield from (part.text for line in lines for part in line.parts)
    if table is not None:
        yield from (part.text for row in table.rows for cell in row.cells for part in cell)
        yield from (part.text for part in table.remarks)
