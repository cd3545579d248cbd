"""Rules that a drawn overview must keep before a seal may cover it: an extract's, for each award.

The words of results are looked for, too: nobody gets an overview but together with the extracts,
so a mark that it lacks would be noticed by no holder.
"""

from __future__ import annotations

from collections.abc import Iterator

from credentials.extract import Extract
from credentials.lint import (
    Lint,
    attachment_equals_record,
    holds_no_national_number,
    holds_nothing_active,
    is_of_our_renderer,
    is_printed,
    letters_of,
    page_count_is_sane,
    text_equals_record,
)
from credentials.overview import Overview
from credentials.results import result_table


def every_award_is_printed(pdf: bytes, overview: Overview) -> Iterator[str]:
    """Of each award the facts of lines 1 to 9, letter for letter, and every result by its title."""
    for place, part in enumerate(overview.parts, 1):
        findings = list(text_equals_record(pdf, part)) or list(_missing_results(pdf, part))
        yield from (f"award {place}: {finding}" for finding in findings)


def _missing_results(pdf: bytes, part: Extract) -> Iterator[str]:
    table, printed = result_table(part, str), letters_of(pdf)
    for row in table.rows if table else ():
        if not is_printed(row.cells[0][0].text, printed):
            yield f"result {row.number} is not printed as registered"


OVERVIEW_LINTS: tuple[Lint[Overview], ...] = (
    is_of_our_renderer,
    holds_nothing_active,
    attachment_equals_record,
    page_count_is_sane,
    every_award_is_printed,
    holds_no_national_number,
)
