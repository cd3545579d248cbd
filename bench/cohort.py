"""Whole cohorts beside the naive way, and how well more workers help, in one run.

The pipeline is the real one: register, render, lint, ledger, B-LTA seal, archive, ledger, by
the `processes` engine in two processes over a PostgreSQL that survives a power cut. The
documents are drawn in the mix of sectors of the synthetic register, in three languages.
"Naive" is what the packages' own examples do, in two processes as well: `typst.compile` and
a fresh pyHanko signer for each document, at B-LTA, without lint, ledger or archive; "warm"
keeps the compiler between documents, and nothing else. Both draw by our template with our
code and measured texts, which is already cheaper than the templates of the examples.

Rates are taken from the ledger between the first tenth and the end, so that starting
Python is not part of them. A sample of what was timed is validated by pyHanko, and every
account must add up. For the memory of a long run: `--documents 100000`.
The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.sealing import Hanko, Setting, published
from credentials.bulk.chunks import Bulk
from credentials.bulk.cohorts import Account, Wanted
from credentials.bulk.engines import Engine, Shift, run
from credentials.bulk.planning import plan
from credentials.bulk.processes import CONTEXT, Processes
from credentials.bulk.workers import Queue
from credentials.extract import Language, Purpose
from credentials.facts import sign_facts
from credentials.rendering import Compilers
from credentials.sealing import Level
from keys import hierarchy
from register.importing import import_lines
from register.records import AwardStatus
from register.synthetic.generate import write
from settings import Settings
from tests.contracts.postgres import running_postgres
from tests.credentials import paper
from wiring import Instance, open_bulk

PROCESSES = 2
LANGUAGES = tuple(Language)
SMALLEST = 50
"""Of a chunk: two workers shall end at nearly the same moment, even in a small run."""
QUEUE_TURNS = (1, 2, 2, 1)
"""How many workers serve the queue, one time after the other."""
SAMPLE = 20
PER = 10_000
"""Growth of memory is told for so many documents."""


@dataclass
class Watch:
    """Looks at the ledger and at the workers' memory while a cohort runs."""

    bulk: Bulk
    cohort_id: str
    every: float = 0.5
    seen: list[tuple[float, int]] = field(default_factory=list)
    memory: list[tuple[int, float]] = field(default_factory=list)

    def tick(self) -> None:
        """Called by the engine."""
        if self.seen and time.perf_counter() - self.seen[-1][0] < self.every:
            return
        account = self.bulk.cohorts.account(self.cohort_id)
        done = account.planned - account.left
        self.seen.append((time.perf_counter(), done))
        size = max(map(_resident_mb, _children()), default=0.0)
        if done and size:
            self.memory.append((done, size))

    def per_second(self) -> float:
        """Documents a second, from the first tenth to the end."""
        last_time, last = self.seen[-1]
        tenth = next((at, done) for at, done in self.seen if done >= last / 10)
        return (last - tenth[1]) / (last_time - tenth[0])

    def growth_mb(self) -> float:
        """How much a worker grew per 10,000 documents after the first third of the run."""
        settled = [(done, size) for done, size in self.memory if done > self.memory[-1][0] / 3]
        (first, before), (last, after) = settled[0], settled[-1]
        return (after - before) / max(1, last - first) * PER


def _children() -> list[int]:
    return [process.pid for process in multiprocessing.active_children() if process.pid]


def _resident_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # gone since it was listed
        return 0.0
    size = next((line.split()[1] for line in lines if line.startswith("VmRSS")), "0")
    return int(size) / 1024


@dataclass(frozen=True)
class Bench:
    """An instance with a register, and the parts of it that are still to be issued."""

    settings: Settings
    instance: Instance
    bulk: Bulk
    awards: list[str]

    def take(self, documents: int) -> list[str]:
        """So many fresh documents' awards."""
        count = documents // len(LANGUAGES)
        taken, self.awards[:count] = self.awards[:count], []
        assert len(taken) == count, "the register is too small for this run"
        return taken

    def issue(self, documents: int, engine: Engine) -> tuple[Watch, Account]:
        """A new cohort, from plan to account."""
        made = plan(
            Wanted("mix", 2024, LANGUAGES), self.bulk.issuer.profile, self.take(documents), SMALLEST
        )
        cohort = self.bulk.cohorts.keep(made, now=self.bulk.clock())
        watch = Watch(self.bulk, cohort.cohort_id)
        account = run(self.bulk, engine, cohort.cohort_id, Shift(tick=watch.tick, sleep=_doze))
        watch.every = 0
        watch.tick()
        assert account.adds_up
        assert not account.left, self.bulk.cohorts.waiting(cohort.cohort_id)
        return watch, account


def _doze(_seconds: float) -> None:
    time.sleep(0.2)


def pipeline(bench: Bench, documents: int) -> dict[str, float]:
    """The whole cycle in two processes."""
    begun = time.perf_counter()
    engine = Processes(bench.bulk.cohorts, partial(open_bulk, bench.settings), PROCESSES)
    watch, account = bench.issue(documents, engine)
    wall = time.perf_counter() - begun
    for done, size in watch.memory[:: max(1, len(watch.memory) // 10)]:
        print(f"  after {done:7} documents a worker has at most {size:.0f} MB")
    return {
        "documents": account.planned,
        "refused": account.refusals,
        "pipeline_per_s": round(watch.per_second(), 1),
        "pipeline_per_s_with_start": round(account.sealed / wall, 1),
        "worker_mb": round(max(size for _, size in watch.memory), 1),
        "worker_mb_growth_per_10000": round(watch.growth_mb(), 2),
    }


def validate(bench: Bench) -> int:
    """Sampled documents are whole for pyHanko, and the files that the ledger knows."""
    files = sorted((bench.settings.home / "archive").rglob("*.pdf"))
    setting = _setting(bench.settings.home)
    hanko = Hanko(setting, "seal", Level.B_LTA)
    sample = random.Random(1).sample(files, min(SAMPLE, len(files)))  # noqa: S311 - a repeatable draw
    for file in sample:
        entry = bench.instance.ledger.by_number(file.stem)
        assert entry is not None
        assert entry.file_sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        hanko.check(file.read_bytes())
    return len(sample)


def _setting(home: Path) -> Setting:
    """Keys, authority and revocation data of the instance, as pyHanko takes them."""
    instance = Instance(Settings(home=home))
    authority, revocation = instance.keyring.timestamper, instance.keyring.revocation
    data = published(home / "keys", authority, revocation)
    return Setting(home / "keys", b"", authority, revocation, data)


def naive_worker(settings: Settings, awards: Sequence[str], *, warm: bool, seconds: float) -> float:
    """Documents a second that one process makes as the packages' examples do."""
    logging.disable(logging.WARNING)
    instance = Instance(settings)
    hanko = Hanko(_setting(settings.home), "seal", Level.B_LTA)
    facts = hierarchy.open_signer(settings.home / "keys", "facts")
    kept = Compilers("extract.typ")
    made, spent = 0, 0.0
    for place, record in enumerate(instance.register.records(awards)):
        asked = instance.downloads.draft(record, LANGUAGES[place % 3], Purpose.GENERAL)
        begun = time.perf_counter()
        compilers = kept if warm else Compilers("extract.typ")
        pdf = paper.by_typst(compilers, asked, sign_facts(asked, facts, address=paper.ADDRESS))
        hanko.draft = pdf + b"\n"
        sealed = hanko.seal(fresh=True)
        if place:  # the first one starts everything
            made, spent = made + 1, spent + time.perf_counter() - begun
        if place % SAMPLE == 0:
            hanko.check(sealed)
        if spent > seconds:
            break
    return made / spent


def naive(bench: Bench, awards: Sequence[str], *, warm: bool, seconds: float) -> float:
    """Documents a second that two such processes make."""
    half = len(awards) // 2
    work = partial(naive_worker, bench.settings, warm=warm, seconds=seconds)
    with CONTEXT.Pool(PROCESSES) as pool:
        return sum(pool.map(work, [awards[:half], awards[half:]]))


def queue(bench: Bench, documents: int) -> dict[str, float]:
    """Workers of the queue: one, two, two, one, each time on a cohort of its own.

    In that order because a shared machine is now faster, now slower: what drifts evenly through
    the run falls on both alike.
    """
    rates: dict[int, list[float]] = {1: [], 2: []}
    for workers in QUEUE_TURNS:
        engine = Queue(bench.bulk.cohorts, partial(open_bulk, bench.settings), workers)
        watch, _ = bench.issue(documents, engine)
        rates[workers].append(watch.per_second())
    one, two = (statistics.mean(rates[workers]) for workers in (1, 2))
    return {
        "queue_1_per_s": round(one, 1),
        "queue_2_per_s": round(two, 1),
        "workers_2_vs_1": round(two / one, 2),
    }


def furnish(settings: Settings, documents: int) -> Bench:
    """A register that is large enough, in its own mix of sectors."""
    instance = Instance(settings)
    people = documents // len(LANGUAGES) + 300
    file = settings.home / "people.jsonl"
    settings.home.mkdir(parents=True, exist_ok=True)
    write(file, people=people, seed=7)
    import_lines(file, instance.writer)
    awards = [
        record.award.award_id
        for record in instance.register.awards()
        if record.award.status is not AwardStatus.WITHDRAWN
    ]
    return Bench(settings, instance, open_bulk(settings), awards)


def measure(settings: Settings, asked: argparse.Namespace) -> dict[str, float]:
    """Everything, one after the other, in one run."""
    wanted = asked.documents + len(QUEUE_TURNS) * asked.queue
    bench = furnish(settings, wanted)
    beside = bench.awards[-200:]
    figures = pipeline(bench, asked.documents)
    slow = naive(bench, beside, warm=False, seconds=asked.naive)
    warm = naive(bench, beside, warm=True, seconds=asked.naive)
    figures |= {
        "naive_per_s": round(slow, 2),
        "naive_warm_per_s": round(warm, 2),
        "pipeline_ratio": round(figures["pipeline_per_s"] / slow, 1),
        "pipeline_ratio_warm": round(figures["pipeline_per_s"] / warm, 1),
    }
    if asked.queue:
        figures |= queue(bench, asked.queue)
    figures["validated"] = validate(bench)
    bench.instance.close()
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=3_000)
    parser.add_argument(
        "--queue", type=int, default=3_000, help="for each turn of the queue; 0 for none"
    )
    parser.add_argument("--naive", type=float, default=10, help="seconds for each naive way")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, running_postgres(durable=True) as server:
        server.execute("CREATE DATABASE bench")
        settings = Settings(home=Path(folder) / "home", database_url=server.url("bench"))
        figures = measure(settings, asked)
    for name, value in figures.items():
        print(f"{name:28} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
