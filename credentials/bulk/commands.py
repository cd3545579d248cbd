"""`echt issue-cohort …` and `echt cohort …`: whole cohorts from the command line.

Exit codes: 0 everything is sealed, or was; 1 some documents were refused; 2 wrong use;
3 not finished, and `echt cohort resume` goes on.
"""

from __future__ import annotations

import enum
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from credentials.bulk.chunks import Bulk
from credentials.bulk.cohorts import Account, Cohort, CohortState, Wanted
from credentials.bulk.engines import Engine, Inline, Shift, run
from credentials.bulk.planning import plan
from credentials.bulk.processes import Opening, Processes
from credentials.bulk.store import SqlCohorts
from credentials.errors import CredentialError
from credentials.extract import Language, Purpose

REFUSED, NOT_FINISHED = 1, 3
LOOK_SECONDS = 2.0


class EngineName(enum.StrEnum):
    """Who does the work."""

    INLINE = "inline"
    PROCESSES = "processes"
    PROCRASTINATE = "procrastinate"


Programme = Annotated[str, typer.Option(help="Code of the programme.")]
Year = Annotated[int, typer.Option(min=1900, max=2999, help="Year of the award.")]
Languages = Annotated[
    list[Language], typer.Option("--language", help="Language of the extracts; may be repeated.")
]
For = Annotated[Purpose, typer.Option(help="What they are for.")]
By = Annotated[
    EngineName,
    typer.Option(help="This process, more on this machine, or the queue in PostgreSQL."),
]
Workers = Annotated[
    int,
    typer.Option(min=0, help="How many processes here; 0 leaves the queue to other machines."),
]
Again = Annotated[bool, typer.Option("--again", help="Look through what is done as well.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Number of the cohort.")]
ShowRefused = Annotated[bool, typer.Option("--refused", help="List every refused document.")]
CORES = os.cpu_count() or 1


def issue_cohort_command(opening: Opening) -> Callable[..., None]:
    """The command; `opening` can be pickled, because workers in other processes call it too."""

    def issue_cohort(  # noqa: PLR0913 - each is an option of the command
        *,
        programme: Programme,
        year: Year,
        language: Languages = [Language.NL],  # noqa: B006 - Typer copies it
        purpose: For = Purpose.GENERAL,
        engine: By = EngineName.PROCESSES,
        workers: Workers = CORES,
        again: Again = False,
    ) -> None:
        """Issue the extracts of a whole cohort; asked again, it goes on where it stopped."""
        bulk = opening()
        wanted = Wanted(programme, year, tuple(dict.fromkeys(language)), purpose)
        awards = bulk.register.award_ids(programme, year)
        made = plan(wanted, bulk.issuer.profile, awards)
        if not made.documents:
            raise typer.BadParameter(
                f"nobody was awarded {programme} in {year}; codes are as in `echt register show`"
            )
        cohort = bulk.cohorts.keep(made, now=bulk.clock())
        _work(bulk, _engine(engine, bulk, opening, workers), cohort, again=again)

    return issue_cohort


def cohort_commands(opening: Opening, kept: Callable[[], SqlCohorts]) -> typer.Typer:
    """The commands below `echt cohort`.

    Whoever looks at a cohort or stops it opens `kept` and no key: the token that is out of
    reach is what they come for.
    """
    app = typer.Typer(help="Cohorts that are or were issued.", no_args_is_help=True)

    @app.command("list")
    def list_() -> None:
        """List every cohort, newest first."""
        for cohort in kept().cohorts():
            typer.echo(_line(cohort))

    @app.command()
    def show(cohort_id: Id, *, refused: ShowRefused = False) -> None:
        """Show the account of a cohort, counted now."""
        cohorts = kept()
        typer.echo(_line(cohorts.cohort(cohort_id)))
        _tell(cohorts, cohort_id)
        for one in cohorts.refused(cohort_id) if refused else ():
            typer.echo(f"{one.award_id}\t{one.language}\t{one.kind}")

    @app.command()
    def pause(cohort_id: Id) -> None:
        """Let every worker leave off after the documents in hand."""
        typer.echo(kept().stop(cohort_id, CohortState.PAUSED))

    @app.command()
    def cancel(cohort_id: Id) -> None:
        """Stop for good; what is sealed stays sealed."""
        typer.echo(kept().stop(cohort_id, CohortState.CANCELLED))

    @app.command()
    def resume(
        cohort_id: Id,
        *,
        engine: By = EngineName.PROCESSES,
        workers: Workers = CORES,
        again: Again = False,
    ) -> None:
        """Go on with a cohort, by any engine."""
        bulk = opening()
        cohort = bulk.cohorts.cohort(cohort_id)
        _work(bulk, _engine(engine, bulk, opening, workers), cohort, again=again)

    return app


def _engine(name: EngineName, bulk: Bulk, opening: Opening, workers: int) -> Engine:
    if name is EngineName.PROCRASTINATE:
        if bulk.cohorts.engine.dialect.name != "postgresql":
            raise typer.BadParameter("the queue needs PostgreSQL", param_hint="--engine")
        # Imported here, because the queue takes longer to load than most commands to run.
        from credentials.bulk.workers import Queue  # noqa: PLC0415

        return Queue(bulk.cohorts, opening, workers)
    if name is EngineName.PROCESSES:
        if not workers:
            raise typer.BadParameter("somebody has to work", param_hint="--workers")
        return Processes(bulk.cohorts, opening, workers)
    return Inline(bulk)


def _work(bulk: Bulk, engine: Engine, cohort: Cohort, *, again: bool) -> None:
    typer.echo(_line(cohort))
    if cohort.state is CohortState.CANCELLED:
        _tell(bulk.cohorts, cohort.cohort_id)
        typer.echo("this cohort was cancelled for good", err=True)
        raise typer.Exit(NOT_FINISHED)
    if getattr(engine, "workers", 1) == 0:
        bulk.cohorts.start(cohort.cohort_id, engine.enqueue, again=again)
        typer.echo(f"queued; see: echt cohort show {cohort.cohort_id}")
        return
    with _stopping() as stop, _bar(bulk, cohort.cohort_id) as tick:
        run(bulk, engine, cohort.cohort_id, Shift(stop=stop, tick=tick), again=again)
    account = _tell(bulk.cohorts, cohort.cohort_id)
    if account.left:
        typer.echo(f"go on with: echt cohort resume {cohort.cohort_id}", err=True)
        raise typer.Exit(NOT_FINISHED)
    if account.refused:
        typer.echo(f"why: echt cohort show {cohort.cohort_id} --refused", err=True)
        raise typer.Exit(REFUSED)


def _line(cohort: Cohort) -> str:
    wanted = cohort.wanted
    what = f"{wanted.programme} {wanted.year} {','.join(wanted.languages)} {wanted.purpose}"
    return f"{cohort.cohort_id}  {what}  {cohort.state}"


def _tell(cohorts: SqlCohorts, cohort_id: str) -> Account:
    """The account in one sum, and each reason with its count."""
    account = cohorts.account(cohort_id)
    typer.echo(
        f"planned {account.planned} = sealed {account.sealed} + already there "
        f"{account.already_there} + refused {account.refusals} + left {account.left}"
    )
    for kind, count in sorted(account.refused.items()):
        typer.echo(f"  refused  {kind}  {count}")
    for kind in cohorts.waiting(cohort_id):
        typer.echo(f"  waits for  {kind}")
    return account


@contextmanager
def _stopping() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C and SIGTERM into a pause; a third way out is not needed."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bar(bulk: Bulk, cohort_id: str) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal, from the account itself."""
    console = Console(stderr=True)
    columns = (TextColumn("Issuing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("Issuing", total=None)
        looked = [0.0]

        def tick() -> None:
            if console.is_terminal and time.monotonic() - looked[0] > LOOK_SECONDS:
                looked[0] = time.monotonic()
                with suppress(CredentialError):  # the database may be away for a while
                    account = bulk.cohorts.account(cohort_id)
                    done = account.planned - account.left
                    bar.update(task, total=account.planned, completed=done)

        yield tick
