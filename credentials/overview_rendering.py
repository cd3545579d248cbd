"""From an overview to the unsigned PDF, by typst: as `rendering` for an extract of many pages."""

from __future__ import annotations

import json
from collections.abc import Mapping

from credentials.attachment import overview_json
from credentials.extract import Language
from credentials.overview import Overview
from credentials.overview_sheet import overview_sheet
from credentials.rendering import Compilers, compiled, literal
from credentials.sheet import House, Json
from credentials.wording import Translate


class OverviewRenderer:
    """Draws overviews. Safe to share between threads; costs nothing until the first document."""

    def __init__(
        self, *, translators: Mapping[Language, Translate], houses: Mapping[Language, House]
    ) -> None:
        self._translators = translators
        self._houses = houses
        self._compilers = Compilers("overview.typ")

    def render(self, overview: Overview) -> bytes:
        """The unsigned PDF; the same overview gives the same bytes.

        Raises:
            ForkedAfterCompile: the parent of this process compiled before it forked.
            UncoveredText: a letter is in none of our fonts.
        """
        language = overview.language
        page = overview_sheet(overview, self._houses[language], self._translators[language])
        program = _program(page, overview_json(overview))
        with self._compilers.borrow() as compiler:
            return compiled(compiler, program, overview.issued_at)


def _program(page: Json, record: bytes) -> bytes:
    """Two texts handed to a template that never changes, as `rendering.program_of`."""
    text = json.dumps(page, ensure_ascii=False, separators=(",", ":"))
    return (
        '#import "/overview.typ": overview\n'
        f"#let pages = json(bytes({literal(text)}))\n"
        f"#let record = bytes({literal(record.decode())})\n"
        "#overview(pages, record)\n"
    ).encode()
