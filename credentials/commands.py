"""`echt extract …` and `echt ledger …`: issuing and settling from the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from credentials.downloading import Downloads
from credentials.extract import Language, Purpose
from credentials.reconciling import Reconciler
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


def ledger_commands(open_reconciler: Callable[[], Reconciler]) -> typer.Typer:
    """The commands below `echt ledger`."""
    app = typer.Typer(help="The account of every use of a sealing key.", no_args_is_help=True)

    @app.callback()
    def _group() -> None:
        """Keep `reconcile` a subcommand while it is the only one."""

    @app.command()
    def reconcile(
        older_than: Annotated[
            int, typer.Option(help="Leave intents alone that are younger than this many seconds.")
        ] = 60,
    ) -> None:
        """Close every intent that a crash left open."""
        settled = open_reconciler().settle(older_than=timedelta(seconds=older_than))
        typer.echo(f"finished {settled.finished}, abandoned {settled.abandoned}")

    return app
