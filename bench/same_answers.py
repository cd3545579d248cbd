"""Whether the time of an answer tells a known number from an unknown one (verifier.md goal 44).

Samples of both kinds are taken in random order over the composed site, then ranked (Mann and
Whitney, two-sided, by the normal approximation). A p above 0.01 is what the goal asks; on a
shared machine a lower one means "look again", so nothing is gated by it. That both do the same
work is tested by counting (`tests/test_same_answers.py`). The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from starlette.testclient import TestClient

import serving
from checking import online_verifier
from credentials.extract import Language
from register.synthetic.personas import HARD_PEOPLE
from tests.house import BASE, HERE, SAME_ORIGIN, furnish, issue
from verifier.sandbox import Sandbox
from web import logs

API = "/api/v1/verifications"
UNKNOWN = "Q4KD-M2PX-7RTA"
WARM = 200


def main() -> None:
    """Issue one extract, ask for its number and for one of nobody, and rank the times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=10_000, help="of each kind")
    chosen = parser.parse_args()
    logs.configure(io.StringIO())  # as a process logs, and out of the way
    with tempfile.TemporaryDirectory() as folder, Sandbox(1) as rooms:
        instance = furnish(Path(folder), people=1)
        known = issue(instance, HARD_PEOPLE[0], Language.NL, Path(folder) / "x.pdf").number
        site = serving.whole_site(instance, online_verifier(instance, rooms))
        with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
            times = sampled(client, known, chosen.samples)
        instance.close()
    print(json.dumps(figures(*times)))


def sampled(client: TestClient, known: str, samples: int) -> tuple[list[float], list[float]]:
    """Seconds of each answer about the known number, and about the unknown one."""

    def seconds(number: str) -> float:
        begun = time.perf_counter()
        client.post(API, json={"text": number})
        return time.perf_counter() - begun

    for number in (known, UNKNOWN) * WARM:
        seconds(number)
    taken: dict[str, list[float]] = {known: [], UNKNOWN: []}
    order = list(taken) * samples
    random.Random(7).shuffle(order)  # noqa: S311 - an order, not a secret
    for number in order:
        taken[number].append(seconds(number))
    return taken[known], taken[UNKNOWN]


def figures(known: Sequence[float], unknown: Sequence[float]) -> dict[str, float]:
    """What the samples say."""
    return {
        "same_answers_samples": len(known),
        "same_answers_p": round(separable(known, unknown), 4),
        "same_answers_known_us": round(1e6 * statistics.median(known), 1),
        "same_answers_unknown_us": round(1e6 * statistics.median(unknown), 1),
    }


def separable(one: Sequence[float], other: Sequence[float]) -> float:
    """The probability of ranks at least this uneven where both come from one distribution."""
    ranked = sorted((*((value, 0) for value in one), *((value, 1) for value in other)))
    ranks, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        mean = (place + 1 + end) / 2  # equal values share their ranks
        ranks += mean * sum(1 for _, kind in ranked[place:end] if kind == 0)
        place = end
    first, second = len(one), len(other)
    above = ranks - first * (first + 1) / 2 - first * second / 2
    spread = math.sqrt(first * second * (first + second + 1) / 12)
    return math.erfc(abs(above) / spread / math.sqrt(2))


if __name__ == "__main__":
    main()
