"""Mixed traffic against a real service on loopback: checks a second, and how long the slowest take.

Four of five questions are a fingerprint (each other one known, each other one not), three
of twenty a whole PDF that the ledger does not know to the byte (so its seal is looked at),
one of twenty a file made to hurt. Service and visitors share this machine's cores. Every
answer is checked. Bounded in number and in time; the last line is one JSON object.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.attacks.updates import anatomy
from tests.commands import ECHT, free_port, running, wait_until_ready
from tests.house import furnish, sealed_extracts
from tests.verifier import hostile

DOCUMENTS = 8
HOSTILE = (hostile.deflate_bomb, hostile.previous_loop, hostile.deep_nesting, hostile.field_loop)
FORM = "multipart/form-data; boundary=x"


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and the verdicts of which its answer must be one."""

    kind: str
    content_type: str
    body: bytes
    expected: frozenset[str]


def main() -> None:
    """Start a service, ask, and say how it went."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=3000)
    parser.add_argument("--visitors", type=int, default=8)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        instance = furnish(Path(folder))
        files = sealed_extracts(instance, DOCUMENTS)
        instance.close()
        with serving(Path(folder)) as port:
            questions = mix(files, chosen.questions)
            ask(port, questions[: chosen.visitors * 10], chosen.visitors)  # warm
            print(json.dumps(measure(port, questions, chosen.visitors)))


def mix(files: Sequence[bytes], count: int) -> list[Question]:
    """The questions, in an order that is the same at every run."""
    hashes = cycle([_fingerprint(file, known=known) for file in files for known in (True, False)])
    pages = cycle([_upload("pdf", _changed(file), "ALTERED") for file in files])
    bombs = cycle([_upload("hostile", make(), "CANNOT_CHECK", "NOT_ORIGINAL") for make in HOSTILE])
    kinds = [hashes] * 16 + [pages] * 3 + [bombs]
    return [next(kinds[place % 20]) for place in range(count)]


def _fingerprint(file: bytes, *, known: bool) -> Question:
    sha256 = hashlib.sha256(file if known else file + b"x").hexdigest()
    expected = "GENUINE_CURRENT" if known else "CANNOT_CHECK"
    body = json.dumps({"sha256": sha256}).encode()
    return Question("hash", "application/json", body, frozenset({expected}))


def _changed(file: bytes) -> bytes:
    """A seal of ours on a file that says something else: the longest road to a verdict."""
    page = anatomy(file)
    place = page.data.index(b"stream\n") + 40
    return file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]


def _upload(kind: str, file: bytes, *expected: str) -> Question:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    return Question(kind, FORM, head + file + b"\r\n--x--\r\n", frozenset(expected))


@contextlib.contextmanager
def serving(home: Path) -> Iterator[int]:
    """`echt serve` over this instance; its port."""
    port, log = free_port(), home / "service.log"
    words = ("serve", "--port", str(port))
    with running(ECHT, *words, log=log, ECHT_HOME=str(home)) as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        yield port


def ask(port: int, questions: Sequence[Question], visitors: int) -> list[tuple[str, float]]:
    """Kind and milliseconds of each question, asked by that many visitors at a time."""
    shares = [questions[place::visitors] for place in range(visitors)]
    with ThreadPoolExecutor(visitors) as pool:
        rows = pool.map(lambda share: _visitor(port, share), shares)
        return [one for row in rows for one in row]


def _visitor(port: int, questions: Sequence[Question]) -> list[tuple[str, float]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    for one in questions:
        start = time.perf_counter()
        headers = {"Content-Type": one.content_type}
        connection.request("POST", "/api/v1/verifications", one.body, headers)
        answer = connection.getresponse()
        told = answer.read()
        times.append((one.kind, 1000 * (time.perf_counter() - start)))
        assert answer.status == 200, (answer.status, told[:300])
        assert json.loads(told)["code"] in one.expected, (one.kind, told[:300])
    connection.close()
    return times


def measure(port: int, questions: Sequence[Question], visitors: int) -> dict[str, float]:
    """Verdicts a second over everything; the slow end of the times, whole and by kind."""
    start = time.perf_counter()
    times = ask(port, questions, visitors)
    seconds = time.perf_counter() - start
    figures = {
        "mixed_per_s": round(len(times) / seconds, 1),
        "mixed_p50_ms": round(_part([taken for _, taken in times], 50), 1),
        "mixed_p99_ms": round(_part([taken for _, taken in times], 99), 1),
    }
    for kind in ("hash", "pdf", "hostile"):
        found = [taken for named, taken in times if named == kind]
        figures[f"{kind}_p99_ms"] = round(_part(found, 99), 1)
    return figures


def _part(times: Sequence[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
