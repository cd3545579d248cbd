"""`echt extract`, `ledger`, `downloads` and `archive`: issuing and keeping, one line at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from credentials.downloading import Downloads
from credentials.extract import Language, Purpose
from credentials.ledger import Entry
from credentials.preserving import MARGIN, Account, Preserving
from credentials.reconciling import Reconciler
from credentials.waiting import Worked
from register.ports import Register

Award = Annotated[str, typer.Option("--award", help="Award id, from `echt register show`.")]
Out = Annotated[Path, typer.Option("--out", help="Where the sealed PDF goes.")]


def extract_commands(
    open_register: Callable[[], Register], open_downloads: Callable[[], Downloads]
) -> typer.Typer:
    """The commands below `echt extract`; the doors are opened only when one runs."""
    app = typer.Typer(help="Sealed extracts of awards.", no_args_is_help=True)

    @app.callback()
    def _group() -> None:
        """Keep `issue` a subcommand while it is the only one."""

    @app.command()
    def issue(
        award: Award,
        out: Out,
        language: Annotated[Language, typer.Option(help="Language of the extract.")] = Language.NL,
        purpose: Annotated[Purpose, typer.Option(help="What it is for.")] = Purpose.GENERAL,
    ) -> None:
        """Issue the sealed extract of an award, or give the one already issued."""
        if not out.absolute().parent.is_dir() or out.is_dir():
            raise typer.BadParameter("there is no folder to write this file in", param_hint="--out")
        record = open_register().award(award)
        issued = open_downloads().extract(record, language, purpose)
        out.write_bytes(issued.document)
        typer.echo(f"{issued.number}  {out}")

    return app


def ledger_commands(
    open_reconciler: Callable[[], Reconciler],
    open_aliases: Callable[[], Callable[[str], Entry | None]],
) -> typer.Typer:
    """The commands below `echt ledger`."""
    app = typer.Typer(help="The account of every use of a sealing key.", no_args_is_help=True)

    @app.command()
    def reconcile(
        older_than: Annotated[
            int, typer.Option(help="Leave intents alone that are younger than this many seconds.")
        ] = 60,
    ) -> None:
        """Close every intent that a crash left open, and remove files that it left behind."""
        reconciler = open_reconciler()
        settled = reconciler.settle(older_than=timedelta(seconds=older_than))
        removed = reconciler.sweep()
        typer.echo(f"finished {settled.finished}, abandoned {settled.abandoned}, removed {removed}")

    @app.command()
    def find(
        alias: Annotated[str, typer.Argument(help="As an alarm in the log names it.")],
    ) -> None:
        """Tell which document an alarm is about: its number, and the award that it states."""
        entry = open_aliases()(alias)
        if entry is None:
            typer.echo("No document has this alias under the key of this instance.", err=True)
            raise typer.Exit(1)
        typer.echo(f"{entry.intent.number}  {entry.intent.award_id}")

    return app


def downloads_commands(work: Callable[[], Worked]) -> typer.Typer:
    """The commands below `echt downloads`."""
    app = typer.Typer(help="Extracts that wait for a seal.", no_args_is_help=True)

    @app.callback()
    def _group() -> None:
        """Keep `work` a subcommand while it is the only one."""

    @app.command("work")
    def one_pass() -> None:
        """Serve the queue once, as the running service does every few seconds."""
        worked = work()
        told = f"made {worked.made}, refused {worked.refused}, put off {worked.put_off}"
        typer.echo(told + (", paused: sealing is out of reach" if worked.paused else ""))

    return app


Limit = Annotated[int | None, typer.Option(min=1, help="Stop after this many documents.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of words.")]
Days = Annotated[int, typer.Option(min=0, help="Renew what ends within this many days.")]


def archive_commands(open_preserving: Callable[[], Preserving]) -> typer.Typer:
    """The commands below `echt archive`."""
    app = typer.Typer(help="The archive's own copies, which last.", no_args_is_help=True)

    @app.command()
    def preserve(limit: Limit = None, *, as_json: Json = False) -> None:
        """Make a lasting copy (B-LTA) of every sealed document that has none."""
        _tell(open_preserving().preserve(limit=limit), as_json=as_json)

    @app.command()
    def renew(limit: Limit = None, days: Days = MARGIN.days, *, as_json: Json = False) -> None:
        """Put a new time-stamp over every copy whose newest one ends soon."""
        account = open_preserving().renew(limit=limit, margin=timedelta(days=days))
        _tell(account, as_json=as_json)

    return app


def _tell(account: Account, *, as_json: bool) -> None:
    """Say what a run came to; it failed when a document did, or when it could not go on."""
    if as_json:
        typer.echo(json.dumps(asdict(account), sort_keys=True))
    else:
        for line in _in_words(account):
            typer.echo(line)
    if account.failed or account.stopped:
        raise typer.Exit(1)


def _in_words(account: Account) -> list[str]:
    words = [f"done {account.done}, left {account.left}, failed {account.failures}"]
    if account.restarted:
        words.append(f"made anew from the handed-out file: {account.restarted}")
    words += [f"  {kind}: {count}" for kind, count in sorted(account.failed.items())]
    if account.numbers:
        words.append("  first of them: " + " ".join(account.numbers))
    if account.stopped:
        words.append(f"stopped early: {account.stopped}")
    return words
