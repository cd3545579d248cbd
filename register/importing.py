"""Import a file: in batches, each one transaction, so that a killed import continues.

1. recognise the file by its content and find where its import stands;
2. read a batch of lines; parse each, and ask the store what it knows of them all;
3. decide line by line (`register.accepting`);
4. commit new versions, refused lines and the new place in the file together;
5. at the end write the report of every refused line.

A file that was imported to its end is not imported again: only its refused lines
are tried once more, because what they missed may have arrived meanwhile.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from register.accepting import Acceptance, wanted
from register.changes import Progress, Refusal
from register.errors import RegisterUnavailable
from register.ports import RegisterWriter, WritingUnit
from register.reading import Item, JsonLines, Source
from register.rules import ADVICE, RefusedLine

BATCH_LINES = 1_000
BATCH_BYTES = 4_000_000
SWEEP_AFTER_BATCHES = 10

OnProgress = Callable[[int, int], None]
"""Called after each batch with how much of the source is done, and its size."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the lines of a file, over all runs of its import."""

    kept: int
    unchanged: int
    refused: int
    awards: int
    """New versions of awards."""
    resumed_after: int = 0
    """The line after which an earlier, broken-off run had stopped."""


def _silent(_done: int, _size: int) -> None:
    """Nobody is watching."""


def import_lines(
    path: Path,
    writer: RegisterWriter,
    report: Path | None = None,
    progress: OnProgress = _silent,
) -> Account:
    """Import a file in the format "echt-register".

    Raises:
        UnreadableSource: the file is not in this format; nothing of it was kept.
        RegisterUnavailable: the database failed; what was committed before stays,
            and the same call continues after it.
    """
    return import_source(JsonLines(path), writer, report, progress)


def import_source(
    source: Source,
    writer: RegisterWriter,
    report: Path | None = None,
    progress: OnProgress = _silent,
) -> Account:
    """Import from any source of records.

    Raises:
        UnreadableSource: the source can no longer be read.
        RegisterUnavailable: the database failed; what was committed before stays.
    """
    found = writer.begin(source.fingerprint)
    run = _Run(source, writer, progress)
    with _cycles_sought_by_hand():
        account = run.again(found) if found.done else run.onwards(found)
    if report is not None:
        _write_report(report, writer.refusals(found.source))
    return account


@contextmanager
def _cycles_sought_by_hand() -> Iterator[None]:
    """Search for reference cycles between batches alone (`_sweep`), and only in what is new.

    Lines have none, but the search goes through every one of them again and again:
    that took a fifth of the time of an import.
    """
    was_on = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def _sweep(batch_number: int) -> None:
    if batch_number % SWEEP_AFTER_BATCHES == 0:
        gc.collect()


class _Run:
    """One run over a source: either onwards from where it stands, or again for what was refused."""

    def __init__(self, source: Source, writer: RegisterWriter, progress: OnProgress) -> None:
        self._source = source
        self._writer = writer
        self._report = progress

    def onwards(self, found: Progress) -> Account:
        """Import everything after the place where an earlier run stopped."""
        at = found
        items = self._source.items(line=found.line, offset=found.offset)
        for number, batch in enumerate(batches(items), start=1):
            with self._writer.unit() as unit:
                tally = _Tally(unit, at.source, batch)
                after = replace(
                    at,
                    line=batch[-1].line,
                    offset=batch[-1].ends_at,
                    kept=at.kept + tally.kept,
                    unchanged=at.unchanged + tally.unchanged,
                    refused=at.refused + len(tally.refusals),
                    awards=at.awards + tally.awards,
                )
                unit.advance(at, after)
            at = after
            self._report(at.offset, self._source.size)
            _sweep(number)
        with self._writer.unit() as unit:
            unit.advance(at, replace(at, done=True))
        return Account(at.kept, at.unchanged, at.refused, at.awards, found.line)

    def again(self, found: Progress) -> Account:
        """Try the lines that stand refused once more."""
        refused = {refusal.line for refusal in self._writer.refusals(found.source)}
        items = self._source.items(line=0, offset=0) if refused else iter(())
        at, kept, unchanged, awards = found, 0, found.kept + found.unchanged, 0
        retried = batches(item for item in items if item.line in refused)
        for number, batch in enumerate(retried, start=1):
            with self._writer.unit() as unit:
                tally = _Tally(unit, at.source, batch)
                after = replace(
                    at,
                    kept=at.kept + tally.kept,
                    unchanged=at.unchanged + tally.unchanged,
                    refused=at.refused - tally.kept - tally.unchanged,
                    awards=at.awards + tally.awards,
                )
                unit.advance(at, after)
            at = after
            kept, unchanged = kept + tally.kept, unchanged + tally.unchanged
            awards += tally.awards
            self._report(batch[-1].ends_at, self._source.size)
            _sweep(number)
        return Account(kept, unchanged, at.refused, awards)


class _Tally:
    """Decides one batch inside a transaction and counts what became of its lines."""

    def __init__(self, unit: WritingUnit, source: int, batch: list[Item]) -> None:
        self.kept = 0
        self.unchanged = 0
        self.refusals: list[Refusal] = []
        good = [item.content for item in batch if not isinstance(item.content, RefusedLine)]
        acceptance = Acceptance(unit.known(wanted(good)), source)
        for item in batch:
            self._decide(acceptance, item)
        unit.keep(acceptance.changes)
        refused = {refusal.line for refusal in self.refusals}
        unit.refuse(source, self.refusals, {item.line for item in batch} - refused)
        self.awards = len(acceptance.changes.awards)

    def _decide(self, acceptance: Acceptance, item: Item) -> None:
        try:
            if isinstance(item.content, RefusedLine):
                raise item.content
            changed = acceptance.take(item.line, item.content)
        except RefusedLine as refused:
            self.refusals.append(Refusal(item.line, refused.rule, refused.where))
        else:
            self.kept += changed
            self.unchanged += not changed


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items in lists that stay small in number and in bytes."""
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += item.size
        if len(batch) >= BATCH_LINES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _write_report(path: Path, refusals: Iterable[Refusal]) -> None:
    """One JSON object for each refused line: its number, the rule, the place, what to do.

    Raises:
        RegisterUnavailable: there is no room for the report, or no right to write it.
    """
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            _write_refusals(file, refusals)
        unfinished.replace(path)
    except OSError as cause:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise RegisterUnavailable(
            "The file was imported, but its report cannot be written."
        ) from cause


def _write_refusals(file: TextIO, refusals: Iterable[Refusal]) -> None:
    for refusal in refusals:
        line = {
            "line": refusal.line,
            "rule": refusal.rule,
            "where": refusal.where,
            "what": ADVICE[refusal.rule],
        }
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
