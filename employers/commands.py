"""`echt employers`: who may send batches, with which keys, how many, and where word goes.

Exit codes: 0 done, 2 wrong use, 3 could not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from employers.clients import Client, ClientState, keys_in, new_client_id
from employers.targets import check_target

if TYPE_CHECKING:
    from employers.store import SqlClients

Jwks = Annotated[
    Path, typer.Option(help="Public keys: a JWK set or one PEM file.", exists=True, dir_okay=False)
]
Quota = Annotated[int, typer.Option(min=1, max=1_000_000, help="Documents a day.")]
Webhook = Annotated[str, typer.Option(help="Where word of finished jobs goes (https).")]
Name = Annotated[str, typer.Option(help="Of the employer.")]


def employers_commands(
    open_clients: Callable[[], SqlClients], clock: Callable[[], datetime], *, local: bool
) -> typer.Typer:
    """Build the command group. `local` allows webhooks to this machine, for development."""
    app = typer.Typer(no_args_is_help=True, help="Programs that check documents in batches.")
    desk = _Desk(open_clients, clock, local)
    app.command("add")(desk.add)
    app.command("list")(desk.show)
    app.command("change")(desk.change)
    app.command("suspend")(desk.suspend)
    app.command("resume")(desk.resume)
    return app


@dataclass(frozen=True, slots=True)
class _Desk:
    open_clients: Callable[[], SqlClients]
    clock: Callable[[], datetime]
    local: bool

    def add(self, *, name: Name, jwks: Jwks, quota: Quota = 1_000, webhook: Webhook = "") -> None:
        """Register a program; prints the name under which it asks for access."""
        algorithm, keys = keys_in(jwks.read_bytes())
        if webhook:
            check_target(webhook, local=self.local)
        client = Client(
            client_id=new_client_id(),
            name=name[:200],
            algorithm=algorithm,
            keys=keys,
            quota=quota,
            webhook=webhook,
            state=ClientState.ACTIVE,
            created_at=self.clock(),
        )
        self.open_clients().add(client)
        typer.echo(client.client_id)

    def show(self) -> None:
        """Show every program, one JSON object a line."""
        for one in self.open_clients().all():
            told = {
                "clientId": one.client_id,
                "name": one.name,
                "algorithm": one.algorithm,
                "keys": [key["kid"] for key in one.keys],
                "quota": one.quota,
                "webhook": one.webhook,
                "state": one.state.value,
            }
            typer.echo(json.dumps(told, ensure_ascii=False))

    def change(
        self,
        client_id: str,
        *,
        jwks: Annotated[Path | None, typer.Option(exists=True, dir_okay=False)] = None,
        quota: Annotated[int | None, typer.Option(min=1, max=1_000_000)] = None,
        webhook: Annotated[str | None, typer.Option(help="Empty for none.")] = None,
    ) -> None:
        """Give a program other keys, another quota or another webhook; its tokens end."""
        values: dict[str, object] = {}
        if jwks is not None:
            values["algorithm"], values["keys"] = keys_in(jwks.read_bytes())
        if quota is not None:
            values["quota"] = quota
        if webhook is not None:
            if webhook:
                check_target(webhook, local=self.local)
            values["webhook"] = webhook
        if not values:
            raise typer.BadParameter("say what changes: --jwks, --quota or --webhook")
        self.open_clients().change(client_id, values)

    def suspend(self, client_id: str) -> None:
        """Let a program in no longer; what it holds ends at once."""
        self.open_clients().change(client_id, {"state": ClientState.SUSPENDED.value})

    def resume(self, client_id: str) -> None:
        """Let a program in again."""
        self.open_clients().change(client_id, {"state": ClientState.ACTIVE.value})
