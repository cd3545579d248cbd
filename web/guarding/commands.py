"""`echt switches`: close a part of the site for a while, and open it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from web.guarding.switches import Switches

Name = Annotated[str, typer.Argument(help="A part of the site, as `list` shows them.")]


def commands(switches: Callable[[], Switches]) -> typer.Typer:
    """The commands over the switches of one instance."""
    app = typer.Typer(help="Close parts of the site for a while.", no_args_is_help=True)

    @app.command("list")
    def show() -> None:
        """Every part, and whether it is closed."""
        found = switches()
        closed = found.closed()
        for name in found.names:
            typer.echo(f"{name:12} {'closed' if name in closed else 'open'}")

    @app.command("close")
    def close(name: Name) -> None:
        """Close a part: visitors read that it is closed for a while."""
        switches().close(name)

    @app.command("open")
    def reopen(name: Name) -> None:
        """Open a part again."""
        switches().open(name)

    return app
