"""An extract as the words and facts of one sheet, ready to be set: the template adds only form.

Here the last question before drawing is asked: has every text a glyph for every letter?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from credentials.coverage import needs_wide, require_sans, require_serif
from credentials.extract import Extract
from credentials.lines import Kind, Line, Part, numbered_lines
from credentials.qr import QUIET, Code
from credentials.results import ResultTable, result_table
from credentials.scripts import script_of
from credentials.widths import may_hold_words_together, widest
from credentials.wording import Translate

Json = dict[str, Any]  # JSON has no narrower type; its readers are the press and the templates

HOLDER_LINE, TITLE_LINE = 1, 3


@dataclass(frozen=True, slots=True)
class House:
    """Who we are, as it stands on every sheet."""

    issuer: str
    address: str
    address_in_words: str


def sheet(extract: Extract, code: Code, house: House, translate: Translate) -> Json:
    """Everything on the sheet, in reading order.

    Raises:
        UncoveredText: a letter is in none of our fonts.
    """
    lines = numbered_lines(extract, translate)
    table = result_table(extract, translate)
    require_covered(lines, table)
    return {
        **words_of(house, translate),
        "lang": extract.language.value,
        "number": extract.number,
        "issuer": house.issuer,
        "code": {"modules": code.modules, "quiet": QUIET},
        "holder": part_told(lines[0].parts[0]),
        "lines": [line_told(line) for line in lines],
        "results": table_told(table) if table else None,
    }


@lru_cache(maxsize=64)
def words_of(house: House, translate: Translate) -> Json:
    """What stands on every sheet of one house in one language. Not to be changed.

    Raises:
        UncoveredText: a letter is not in the face for our own words.
    """
    words = {
        "title": translate("Extract from the diploma register"),
        "attachment": translate("The same facts, for computers to read"),
        "page": translate("Page {page} of {pages}"),
        "check-at": translate("Check at {address}").format(address=house.address),
        "line": translate("Line"),
        "closing": {
            "seal": translate("Digitally sealed by {issuer}.").format(issuer=house.issuer),
            "end": translate("The extract ends here. It holds no citizen service number (BSN)."),
        },
        "check": _check(house, translate),
    }
    require_sans(texts_in(words))
    return words


def _check(house: House, translate: Translate) -> Json:
    lead = translate("Drop this file on {address}. You see at once whether it is genuine.")
    paper = translate(
        "A print is a copy; only the file carries the seal. The code holds the facts of this page, "
        "signed by us."
    )
    address = translate(
        "{words}. Does your screen show another address? Stop: that page is not ours."
    )
    person = translate("Compare name and date of birth with the person who gave you this.")
    doubt = translate("Ask the holder for the file itself, or ask us: {address}/contact.")
    return {
        "question": translate("Is this genuine?"),
        "alt": translate(
            "QR code with the signed facts of this extract. The code opens {address}."
        ).format(address=house.address),
        "lead": lead.split("{address}"),
        "address": house.address,
        "advice": [
            [translate("On paper"), paper],
            [translate("The address"), address.format(words=house.address_in_words)],
            [translate("The person"), person],
            [translate("In doubt?"), doubt.format(address=house.address)],
        ],
    }


def part_told(part: Part, *, italic: bool = False) -> Json:
    """One text and how it differs from others; `em` and `kept` spare the template work."""
    script = script_of(part.text)
    wide = needs_wide(part.text)
    return {
        "plain": part.kind is Kind.MAIN and not part.language and not wide and script is None,
        "text": part.text,
        "lang": part.language.split("-")[0] if part.language else None,
        "rtl": bool(script and script.right_to_left),
        "wide": wide,
        "italic": italic and not wide and script is None,
        "kind": part.kind.value,
        "lead": part.lead,
        "em": widest(part.text),
        "kept": may_hold_words_together(part.text),
    }


def line_told(line: Line, title: int = TITLE_LINE) -> Json:
    """A line; a title in a second language stands in italics, as titles do in print."""
    parts = [
        part_told(part, italic=line.number == title and part.kind is Kind.ALSO)
        for part in line.parts
    ]
    return {"n": line.number, "label": line.label, "parts": parts}


def table_told(table: ResultTable) -> Json:
    """The results."""
    return {
        "title": table.title,
        "columns": [{"key": column.value, "title": title} for column, title in table.columns],
        "rows": [
            {"n": row.number, "cells": [[part_told(part) for part in cell] for cell in row.cells]}
            for row in table.rows
        ],
        "remarks": [part_told(part) for part in table.remarks],
    }


def require_covered(lines: tuple[Line, ...], table: ResultTable | None) -> None:
    """Ask for a glyph for every letter of what is stated.

    Raises:
        UncoveredText: a letter is in none of our fonts.
    """
    parts = [part for line in lines for part in line.parts]
    labels = [line.label for line in lines]
    if table:
        parts += [part for row in table.rows for cell in row.cells for part in cell]
        parts += table.remarks
        labels += [title for _, title in table.columns]
        parts.append(Part(table.title))
    require_serif(part.text for part in parts if part.kind is not Kind.NOTE)
    require_sans(part.text for part in parts if part.kind is Kind.NOTE)
    require_sans([*labels, *(part.lead for part in parts)])


def texts_in(node: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for child in node.values():
            yield from texts_in(child)
    elif isinstance(node, list):
        for child in node:
            yield from texts_in(child)
