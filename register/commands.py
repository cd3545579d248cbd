"""`echt register …`: import, show and synthesise, for people and for scripts.

Exit codes: 0 done, 1 some lines were refused, 2 wrong use, 3 could not. An error is
one line on standard error; what a script reads goes to standard output alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from register.elmo import read_elmo
from register.errors import RegisterError
from register.importing import Account, import_source
from register.ports import Register, RegisterWriter
from register.reading import JsonLines, Records, Source, fingerprint_of, opened
from register.records import AwardRecord
from register.synthetic.generate import write

REFUSED, WRONG_USE, COULD_NOT = 1, 2, 3
SHOW_AFTER_SECONDS = 1.0
_XML_BEGINNINGS = (b"<", b"\xff\xfe", b"\xfe\xff")

ImportFile = Annotated[Path, typer.Argument(help="JSON Lines, or ELMO in XML.")]
ReportFile = Annotated[Path | None, typer.Option(help="Where to write why lines were refused.")]
Limit = Annotated[int | None, typer.Option(min=0, help="Show at most this many.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
People = Annotated[int, typer.Option(min=1, help="How many people.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")]
OutFile = Annotated[Path, typer.Option(help="The file to write.")]


@dataclass(frozen=True, slots=True)
class OpenedRegister:
    """What the commands need of a register."""

    register: Register
    writer: RegisterWriter


class OpenRegister(Protocol):
    """How `main.py` opens the register when a command needs it."""

    def __call__(self, *, must_exist: bool) -> OpenedRegister:
        """Open it; one that must exist is never made by asking for it.

        Raises:
            NotRegistered: it must exist and does not.
        """
        ...


def commands(open_register: OpenRegister) -> typer.Typer:
    """The commands, over a register that is opened only when one of them needs it."""
    app = typer.Typer(help="The diploma register.", no_args_is_help=True)

    @app.command("import")
    def import_(file: ImportFile, report: ReportFile = None) -> None:
        """Import a file; running it again continues, or does nothing twice."""
        with _spoken():
            source = _source(file)
            with _bar("Importing") as progress:
                writer = open_register(must_exist=False).writer
                account = import_source(source, writer, report, progress)
        _tell(account, report)

    @app.command()
    def show(*, limit: Limit = None, as_json: AsJson = False) -> None:
        """Show awards in the order of their ids, without names or numbers."""
        with _spoken():
            register = open_register(must_exist=True).register
            for record in register.awards(limit=limit):
                shown = _shown(record)
                typer.echo(
                    json.dumps(shown, ensure_ascii=False) if as_json else "\t".join(shown.values())
                )

    @app.command()
    def synthesise(people: People, seed: Seed, out: OutFile) -> None:
        """Write a register of invented people in the import format."""
        with _spoken(), _bar("Synthesising") as progress:
            written = write(out, people=people, seed=seed, progress=lambda n: progress(n, people))
        typer.echo(f"{written} people written to {out}")

    return app


@contextmanager
def _spoken() -> Iterator[None]:
    """Turn a failure into one line and an exit code."""
    try:
        yield
    except RegisterError as problem:
        typer.echo(problem.public, err=True)
        server_side = problem.status >= 500  # noqa: PLR2004 - RFC 9110 15.6
        raise typer.Exit(COULD_NOT if server_side else WRONG_USE) from problem


def _source(file: Path) -> Source:
    """Decide by content, because names lie."""
    with opened(file) as start:
        first = start.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not first.startswith(_XML_BEGINNINGS):
        return JsonLines(file)
    elmo = read_elmo(file)
    for finding in elmo.findings:
        typer.echo(f"not taken over, {finding.where}: {finding.advice}", err=True)
    return Records(fingerprint_of(file), elmo.lines)


def _tell(account: Account, report: Path | None) -> None:
    if account.resumed_after:
        typer.echo(f"continued after line {account.resumed_after}")
    typer.echo(
        f"{account.kept} kept ({account.awards} awards), {account.unchanged} unchanged, "
        f"{account.refused} refused"
    )
    if account.refused:
        where = f"see {report}" if report else "add --report FILE to see why"
        typer.echo(f"{account.refused} lines were refused: {where}", err=True)
        raise typer.Exit(REFUSED)


def _shown(record: AwardRecord) -> dict[str, str]:
    award = record.award
    return {
        "award": award.award_id,
        "person": award.person_id,
        "sector": award.sector.value,
        "programme": award.programme,
        "programmeTitle": record.programme.title.original[1],
        "institution": award.institution,
        "awarded": str(award.awarded),
        "status": award.status.value,
    }


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, for anything that takes over a second."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), TextColumn("{task.percentage:.0f}%"))
    bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
    task: TaskID = bar.add_task(what)
    began = time.monotonic()

    def progress(done: int, size: int) -> None:
        if console.is_terminal and time.monotonic() - began > SHOW_AFTER_SECONDS:
            bar.start()
            bar.update(task, completed=done, total=size)

    try:
        yield progress
    finally:
        if bar.live.is_started:
            bar.stop()
