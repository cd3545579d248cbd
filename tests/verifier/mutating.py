"""Single bytes of sealed files changed at random, by the hundred thousand: none stays genuine.

`make mutations` runs the long one; a slice of it stands in `test_mutations.py`. The same
seed gives the same mutations. A file counts as surviving as soon as its verdict would
be good for anything: a positive code, or facts shown.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from credentials.sealing import Level
from tests.verifier.memory import MemoryStatuses
from tests.verifier.sealed import ADDRESS, NOW, NUMBER, SEAL_KEYS, World, make_world
from verifier.ports import Status
from verifier.reading import ReadingHere
from verifier.verifying import Verifier

Change = Callable[[bytearray, int, random.Random], None]


def _flip(data: bytearray, at: int, luck: random.Random) -> None:
    data[at] ^= 1 << luck.randrange(8)


def _set(data: bytearray, at: int, luck: random.Random) -> None:
    data[at] = (data[at] + luck.randrange(1, 256)) % 256


def _delete(data: bytearray, at: int, luck: random.Random) -> None:
    del luck, data[at]


def _insert(data: bytearray, at: int, luck: random.Random) -> None:
    # Half of the time what is harmless in most places: white space and zeros.
    data.insert(at, luck.choice(b"\n \x000") if luck.random() < 0.5 else luck.randrange(256))


def _swap(data: bytearray, at: int, luck: random.Random) -> None:
    other = at + 1 if luck.random() < 0.5 and at + 1 < len(data) else luck.randrange(len(data))
    data[at], data[other] = data[other], data[at]


CHANGES: Mapping[str, Change] = {
    "flip": _flip,
    "set": _set,
    "delete": _delete,
    "insert": _insert,
    "swap": _swap,
}


@dataclass(slots=True)
class Tally:
    """What came of a run."""

    made: int = 0
    by_change: Counter[str] = field(default_factory=Counter)
    by_file: Counter[str] = field(default_factory=Counter)
    by_verdict: Counter[str] = field(default_factory=Counter)
    survivors: list[str] = field(default_factory=list)


def sealed_files(world: World, *, keys: tuple[str, ...] = SEAL_KEYS) -> dict[str, bytes]:
    """A file of every level with every key, and one at B-LTA renewed twice."""
    made: dict[str, bytes] = {}
    page = world.page()
    for key in keys:
        for level in Level:
            made[f"{level} {key}"] = world.seal(page, level, purpose=key)
        twice = made[f"{Level.B_LTA} {key}"]
        for minutes in (30, 20):
            twice = world.preserve(twice, at=NOW - timedelta(minutes=minutes))
        made[f"renewed {key}"] = twice
    return made


def mutations(data: bytes, luck: random.Random) -> Iterator[tuple[str, int, bytes]]:
    """Without end: the kind of change, its place, and the changed file."""
    while True:
        kind, at = luck.choice(tuple(CHANGES)), luck.randrange(len(data))
        changed = bytearray(data)
        CHANGES[kind](changed, at, luck)
        if changed != data:  # two equal bytes changed places
            yield kind, at, bytes(changed)


def run(world: World, files: Mapping[str, bytes], count: int, seed: int) -> Tally:
    """Mutate the files in turn, `count` times in all, and judge each in this process."""
    verifier = Verifier(
        index=None,
        statuses=MemoryStatuses({NUMBER: Status.GOOD}),
        trust=lambda: world.trust,
        reading=ReadingHere(),
        clock=lambda: NOW,
        address=ADDRESS,
    )
    rows = {name: mutations(data, random.Random(f"{seed} {name}")) for name, data in files.items()}
    assert all(verifier.verify(data).code.is_positive for data in files.values())
    tally, names = Tally(), tuple(files)
    for number in range(count):
        name = names[number % len(names)]
        kind, at, changed = next(rows[name])
        code = verifier.verify(changed).code
        tally.made += 1
        tally.by_change[kind] += 1
        tally.by_file[name] += 1
        tally.by_verdict[code.value] += 1
        if code.is_positive or code.shows_facts:
            tally.survivors.append(f"{name}: {kind} at {at} of {len(changed)}")
    return tally


def main(count: int, seed: int) -> int:
    """Run, print the figures, and fail when anything survived."""
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(Path(folder))
        files = sealed_files(world)
        gc.freeze()
        start = time.process_time()
        tally = run(world, files, count, seed)
    figures = {
        "mutations": tally.made,
        "survivors": tally.survivors[:50],
        "cpu_s": round(time.process_time() - start, 1),
        "seed": seed,
        "by_change": tally.by_change,
        "by_file": tally.by_file,
        "by_verdict": tally.by_verdict,
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    return 1 if tally.survivors else 0


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:3])))
