"""`echt keys`: make the test hierarchy, look at it, move a key, publish the list, hold a ceremony.

Exit codes: 0 done, 1 refused (a state that cannot be), 2 wrong use, 3 could not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from keys import hierarchy, moments, publishing, states, trust
from keys.authority_commands import AuthorityDesk
from keys.ceremony.commands import CeremonyDesk
from keys.custody import Custody, SealSigner
from keys.errors import KeyRefused
from keys.exits import explained
from keys.trust import KeyEntry, KeyState

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
ANY_WIDTH = 10_000
"""Columns of a window in which every name fits."""
Since = Annotated[str, typer.Option(help="When it ended, as 2026-11-21T10:00:00Z.")]


def commands(
    open_folder: Callable[[], Path],
    *,
    open_public: Callable[[], Path] | None = None,
    open_token: Callable[[], Custody] | None = None,
    clock: Callable[[], datetime] = hierarchy.utc_now,
    production: bool = False,
) -> typer.Typer:
    """Build the command group; folders and the token are asked for only when a command runs."""
    app = typer.Typer(no_args_is_help=True, help="Who may sign, and with what.")
    desk = _Desk(open_folder, open_public or open_folder, open_token, clock, production)
    ceremonies = CeremonyDesk(desk.open_folder, desk.open_public, open_token, clock, production)
    app.command("init")(desk.init)
    app.command("list")(desk.list_keys)
    app.command("announce")(desk.announce)
    app.command("state")(desk.state)
    app.command("publish")(desk.publish)
    app.command("approve")(ceremonies.approve)
    app.command("ceremony")(ceremonies.hold)
    app.command("transcript")(ceremonies.transcript)
    app.command("audit")(ceremonies.audit)
    app.add_typer(AuthorityDesk(open_folder, clock, desk.sign_list).commands(), name="authority")
    return app


@dataclass(frozen=True, slots=True)
class _Desk:
    """The commands over one key folder."""

    open_folder: Callable[[], Path]
    open_public: Callable[[], Path]
    open_token: Callable[[], Custody] | None
    clock: Callable[[], datetime]
    production: bool

    def init(self) -> None:
        """Make the test hierarchy and publish its trust list; what exists stays as it is."""
        with explained():
            folder, now = self.open_folder(), self.clock()
            there = hierarchy.exists(folder)
            if not there and self.open_token is not None:
                raise KeyRefused(
                    "Keys of a token are made at a ceremony (`echt keys ceremony`, "
                    "docs/ceremony.md); `echt keys init` makes test keys, which are files."
                )
            hierarchy.make(folder, now=now, production=self.production)
            publishing.publish_if_due(folder, self._signer(), now=now, into=self.open_public())
            title = "Keys that were here already" if there else "Keys made (TEST only)"
            _print_table(title, states.load(folder).keys)

    def list_keys(self, *, as_json: AsJson = False) -> None:
        """Show every key with its state."""
        with explained():
            entries = states.load(self.open_folder()).keys
            if as_json:
                sys.stdout.writelines(f"{json.dumps(_public(entry))}\n" for entry in entries)
            else:
                _print_table("Keys", entries)

    def announce(self, purpose: str) -> None:
        """Make the next key for a purpose and publish it as announced."""
        with explained():
            folder, now = self.open_folder(), self.clock()
            kid = hierarchy.announce(
                folder, purpose, now=now, custody=self._custody(), production=self.production
            )
            self.sign_list()
            Console().print(f"{kid} is announced; it may sign after {states.NOTICE.days} days.")

    def state(self, kid: str, state: KeyState, since: Since = "") -> None:
        """Move a key to a state and publish the list; compromised needs --since."""
        with explained():
            at = _as_of(state, since, now=self.clock())
            publishing.change_state(self.open_folder(), kid, state, at=at)
            self.sign_list()
            Console().print(f"{kid} is {state} since {moments.written(at)}.")

    def publish(self) -> None:
        """Sign and write the trust list and the certificate bundle anew."""
        with explained():
            self.sign_list()
            Console().print(f"Written: {publishing.LIST} and {publishing.BUNDLE}.")

    def sign_list(self) -> None:
        """Sign and write the list, and say nothing."""
        folder = self.open_folder()
        publishing.publish(folder, self._signer(), now=self.clock(), into=self.open_public())

    def _signer(self) -> SealSigner:
        return hierarchy.open_signer(
            self.open_folder(),
            "trust",
            custody=self._custody(),
            production=self.production,
            clock=self.clock,
        )

    def _custody(self) -> Custody | None:
        """The token where one is set, else files in the key folder."""
        return None if self.open_token is None else self.open_token()


def _as_of(state: KeyState, since: str, *, now: datetime) -> datetime:
    """The moment of a change: now, or for an ending an earlier one."""
    if state is KeyState.COMPROMISED and not since:
        raise typer.BadParameter("say since when the key was compromised: --since")
    at = _moment(since) if since else now
    if at > now:
        raise typer.BadParameter("--since cannot lie in the future")
    if since and state not in {KeyState.RETIRED, KeyState.COMPROMISED}:
        raise typer.BadParameter("a key becomes active now: leave --since out")
    return at


def _moment(text: str) -> datetime:
    try:
        return moments.parse(text)
    except ValueError as cause:
        raise typer.BadParameter("write a moment as 2026-11-21T10:00:00Z") from cause


def _public(entry: KeyEntry) -> dict[str, object]:
    return {k: v for k, v in trust.member_of(entry).items() if k != "certificates"}


def _print_table(title: str, entries: tuple[KeyEntry, ...]) -> None:
    table = Table(title=title, title_justify="left")
    for heading in ("key", "purpose", "algorithm", "state", "since"):
        table.add_column(heading, no_wrap=True)
    for entry in entries:
        since = entry.compromised_since or entry.until or entry.since
        row = (entry.kid, entry.purpose, entry.algorithm, entry.state, moments.written(since))
        table.add_row(*row)
    # A name is copied from here into plans: it never breaks, however narrow the window.
    console = Console()
    unlimited = console.options.update(max_width=ANY_WIDTH)
    needed = console.measure(table, options=unlimited).minimum
    Console(width=max(console.width, needed)).print(table)
