"""Milliseconds to draw and lint one extract, warm; the last printed line is one JSON object.

    python bench/render.py [--documents N] [--rounds N]

The records are those of the synthetic register, in its own mix of sectors, in three
languages in turn. The baseline draws the same documents in the same run, twenty by twenty in
turn with ours, by typst and without what makes typst cheap: every text is measured, the data
comes through `sys.inputs`, the code from the `qrcode` library. What typst drew for us must be
the same bytes, and what the press drew the same text in the same order.
More rounds draw the same records under other numbers and names, to see memory stay flat.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import QRData

from credentials.attachment import extract_json
from credentials.extract import Extract, Language, Purpose
from credentials.lint import LINTS
from credentials.press.document import document
from credentials.press.unset import Unset
from credentials.printed import printed_text
from credentials.qr import draw
from credentials.qr_matrix import MASK
from credentials.rendering import Compilers, compiled, program_of
from credentials.sheet import House, Json, sheet
from register.importing import import_lines
from register.records import AwardRecord, AwardStatus
from register.synthetic.generate import write
from settings import Settings
from tests.credentials.paper import (
    ADDRESS,
    IN_WORDS,
    ISSUER,
    SAME_KEY,
    measure_all,
    payload,
    renderer,
    translators,
)
from tests.credentials.people import ISSUED
from wiring import Instance

BATCH = 20
"""More than the documents for which typst keeps what it made."""
WARM = 12
"""Documents before the clock counts: fonts, templates, a shape of code per version."""
TYPST = b"/Creator(Typst "
PLAIN = """
#import "/extract.typ": extract
#let (sheet, code, record) = ("sheet", "code", "record").map(name => sys.inputs.at(name))
#extract(json(bytes(sheet)), bytes(code), bytes(record))
"""


class Stopwatch:
    """Milliseconds per part of every document."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        """Time what happens inside."""
        begun = time.perf_counter()
        yield
        self.spent.setdefault(part, []).append((time.perf_counter() - begun) * 1e3)

    def mean(self, part: str) -> float:
        """Mean of a part, warm."""
        return statistics.fmean(self.spent[part][WARM:])

    def quantile(self, part: str, percent: int) -> float:
        """A percentile of a part, warm."""
        return statistics.quantiles(self.spent[part][WARM:], n=100)[percent - 1]


def records(count: int) -> list[AwardRecord]:
    """As many awards of the synthetic register, in its own proportions."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(Settings(home=Path(folder)))
        write(Path(folder) / "people.jsonl", people=count, seed=7)
        import_lines(Path(folder) / "people.jsonl", instance.writer)
        found = [
            record
            for record in instance.register.awards(limit=2 * count)
            if record.award.status is not AwardStatus.WITHDRAWN
        ]
        instance.close()
    return found[:count]


def batched(asked: list[Extract], size: int) -> Iterator[list[Extract]]:
    """Slices of that size."""
    return (asked[at : at + size] for at in range(0, len(asked), size))


def documents(found: list[AwardRecord], round_: int) -> Iterator[Extract]:
    """One extract of each, under a number and a name of this round."""
    languages = list(Language)
    for n, record in enumerate(found):
        name = record.person.name
        named = replace(name, given=f"{name.given} {chr(65 + round_ % 26)}") if round_ else name
        holder = replace(record, person=replace(record.person, name=named))
        number = f"R{round_:03d}-{n:04d}-BNCH"
        yield Extract(number, languages[n % 3], Purpose.GENERAL, ISSUED, holder)


class Parts:
    """The steps of `Renderer.render` one by one, and the same document the plain way."""

    def __init__(self) -> None:
        self._compilers = Compilers("extract.typ")
        self._words = translators()
        self._plain = Compilers("extract.typ")  # its own, so that caches are not shared by path

    def page(self, asked: Extract, qr: str) -> Json:
        """The sheet, untimed."""
        house = House(ISSUER, ADDRESS, IN_WORDS[asked.language])
        return sheet(asked, draw(qr), house, self._words[asked.language])

    def ours(self, asked: Extract, qr: str, watch: Stopwatch) -> bytes:
        """As the renderer does it, each step timed."""
        with watch.of("qr"):
            code = draw(qr)
        house = House(ISSUER, ADDRESS, IN_WORDS[asked.language])
        with watch.of("sheet"):
            page = sheet(asked, code, house, self._words[asked.language])
        with watch.of("record"):
            record = extract_json(asked)
        with suppress(Unset), watch.of("press"):
            return document(page, code.rows, record, asked.issued_at)
        with self._compilers.borrow() as compiler, watch.of("typst"):
            return compiled(compiler, program_of(page, code.svg, record), asked.issued_at)

    def plain(self, asked: Extract, qr: str, page: Json) -> bytes:
        """As it was: the library's code, data in `sys.inputs`, every text measured."""
        library_code(qr)
        inputs = {
            "sheet": json.dumps(measure_all(page), ensure_ascii=False),
            "record": extract_json(asked).decode(),
            "code": draw(qr).svg.decode(),
        }
        with self._plain.borrow() as compiler:
            drawn: Any = compiler.compile(
                input=PLAIN.encode(),
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=["a-3a", "ua-1"],
                timestamp=int(asked.issued_at.timestamp()),
            )
        return bytes(drawn)


def library_code(payload_: str) -> QRCode[Any]:
    """What drawing the code cost before: the whole of it by the library."""
    code: QRCode[Any] = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK)
    address, mark, fragment = payload_.partition("#")
    code.add_data(QRData((address + mark).encode(), mode=4), optimize=0)
    code.add_data(QRData(fragment.encode(), mode=2), optimize=0)
    code.make(fit=True)
    return code


def same_paper(plain: bytes, drawn: bytes) -> None:
    """The same bytes from typst, the same text from the press."""
    if TYPST in drawn:
        assert plain == drawn
    else:
        assert printed_text(plain) == printed_text(drawn)


def measure(found: list[AwardRecord]) -> dict[str, float]:
    """Draw every document in two ways in turn, and check both."""
    draw_whole, parts, watch = renderer(), Parts(), Stopwatch()
    drawn: dict[str, bytes] = {}
    for batch in batched([*documents(found, 0)], BATCH):
        for asked in batch:
            with watch.of("facts"):
                qr = payload(asked, SAME_KEY)
            with watch.of("draw"):
                drawn[asked.number] = draw_whole.render(asked, qr)
            with watch.of("lint"):
                findings = [text for lint in LINTS for text in lint(drawn[asked.number], asked)]
            assert not findings, findings
        for asked in batch:
            again = replace(asked)  # nothing kept from the first drawing
            qr = payload(again, SAME_KEY)
            page = parts.page(again, qr)
            with watch.of("plain"):
                plain = parts.plain(again, qr, page)
            same_paper(plain, drawn[asked.number])
    for asked in documents(found, 1):
        parts.ours(asked, payload(asked, SAME_KEY), watch)
    return {
        "render_first_ms": round(watch.spent["draw"][0], 1),
        "render_p50_ms": round(watch.quantile("draw", 50), 2),
        "render_p99_ms": round(watch.quantile("draw", 99), 2),
        "lint_p50_ms": round(watch.quantile("lint", 50), 2),
        "facts_p50_ms": round(watch.quantile("facts", 50), 2),
        **{f"{part}_ms": round(watch.mean(part), 2) for part in ("qr", "sheet", "record", "press")},
        "press_share": round(1 - sum(TYPST in pdf for pdf in drawn.values()) / len(drawn), 3),
        "plain_p50_ms": round(watch.quantile("plain", 50), 2),
        "plain_vs_render": round(watch.mean("plain") / watch.mean("draw"), 2),
        "render_and_lint_per_s": round(1e3 / (watch.mean("draw") + watch.mean("lint")), 1),
        "bytes_p50": int(statistics.median(map(len, drawn.values()))),
    }


def memory(found: list[AwardRecord], rounds: int) -> dict[str, float]:
    """Megabytes after a first round and after the last: a leak would show."""
    draw_whole, after = renderer(), []
    for round_ in range(rounds):
        for asked in documents(found, round_ + 2):
            pdf = draw_whole.render(asked, payload(asked, SAME_KEY))
            assert not [finding for lint in LINTS for finding in lint(pdf, asked)]
        after.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {"rss_first_mb": round(after[0], 1), "rss_last_mb": round(after[-1], 1)}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=0)
    asked = parser.parse_args()
    found = records(asked.documents)
    print("sectors", dict(Counter(record.award.sector.value for record in found)))
    figures = measure(found) | {"documents": len(found)}
    if asked.rounds:
        figures |= memory(found, asked.rounds) | {"rounds": asked.rounds}
    for name, value in figures.items():
        print(f"{name:22} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
