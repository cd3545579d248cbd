"""Milliseconds to draw one extract, warm, over the mix of sectors; the last line is JSON.

Each document differs (number, name), so typst cannot answer from memory. The signed
facts are made beforehand: signing is another benchmark.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from dataclasses import replace

from credentials.extract import Extract, Language
from credentials.lint import LINTS
from tests.credentials.paper import SoftwareSigner, payload, renderer
from tests.credentials.people import extract

# Shares of register.md 3.5; NT2 stands for the small rest.
MIX = {"vwo": 45, "mbo": 25, "hbo": 20, "elmo": 8, "nt2": 2}


def documents(count: int, seed: int) -> list[tuple[Extract, str]]:
    """Different extracts in the proportions of the register, with their codes."""
    chance, signer = random.Random(seed), SoftwareSigner()  # noqa: S311 - a benchmark wants the same draw
    made = []
    for n in range(count):
        person = chance.choices(list(MIX), list(MIX.values()))[0]
        asked = extract(person, chance.choice(list(Language)))
        name = replace(asked.record.person.name, given=f"Naam{n}")
        holder = replace(asked.record.person, name=name)
        asked = replace(asked, number=f"N-{n:08d}", record=replace(asked.record, person=holder))
        made.append((asked, payload(asked, signer)))
    return made


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    draw = renderer()
    work = documents(asked.documents + 10, asked.seed)
    spent, linted, sizes = [], [], []
    for one, code in work:
        begun = time.perf_counter()
        pdf = draw.render(one, code)
        drawn = time.perf_counter()
        findings = [finding for lint in LINTS for finding in lint(pdf, one)]
        linted.append((time.perf_counter() - drawn) * 1e3)
        assert not findings, findings
        spent.append((drawn - begun) * 1e3)
        sizes.append(len(pdf))
    first, warm = spent[0], spent[10:]
    figures = {
        "render_first_ms": round(first, 1),
        "render_p50_ms": round(statistics.median(warm), 1),
        "render_p99_ms": round(statistics.quantiles(warm, n=100)[98], 1),
        "render_per_second": round(1e3 / statistics.fmean(warm), 1),
        "lint_p50_ms": round(statistics.median(linted[10:]), 2),
        "bytes_p50": int(statistics.median(sizes)),
        "documents": len(warm),
    }
    for name, value in figures.items():
        print(f"{name:20} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
