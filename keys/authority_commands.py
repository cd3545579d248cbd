"""`echt keys authority`: outside time-stamp authorities, where no ceremony guards the keys."""

from __future__ import annotations

import enum
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from keys import moments, outside, outside_book
from keys.errors import StateRefused, TrustListInvalid
from keys.exits import explained
from keys.files import load_chain
from keys.outside import OutsideAuthority

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Since = Annotated[str, typer.Option(help="As 2026-11-21T10:00:00Z; for `add`, now if left out.")]
Certificates = Annotated[
    Path, typer.Option(help="PEM: the authority's own certificate, then its issuers.")
]
Policy = Annotated[str, typer.Option(help="OID that its tokens must name.")]


class End(enum.StrEnum):
    """What can be said of an authority that is on the list."""

    ENDED = "ended"
    COMPROMISED = "compromised"


_ENDS = {End.ENDED: outside.ended, End.COMPROMISED: outside.compromised}


@dataclass(frozen=True, slots=True)
class AuthorityDesk:
    """The commands over one key folder; `publish` writes the trust list anew."""

    open_folder: Callable[[], Path]
    clock: Callable[[], datetime]
    publish: Callable[[], None]

    def commands(self) -> typer.Typer:
        """Build the group."""
        app = typer.Typer(no_args_is_help=True, help="Time-stamp authorities of others.")
        app.command("add")(self.add)
        app.command("state")(self.state)
        app.command("list")(self.list_all)
        return app

    def add(self, name: str, certificates: Certificates, policy: Policy, since: Since = "") -> None:
        """Put an authority on the trust list, for ever, and publish the list."""
        with explained():
            at = self._moment(since)
            self._record(OutsideAuthority(name, policy, load_chain(certificates), at))
            typer.echo(f"{name} is on the list; restart the processes that issue.")

    def state(self, name: str, state: End, since: Since) -> None:
        """Say since when the time-stamps of an authority do not count, and publish the list."""
        with explained():
            known = outside_book.load(self.open_folder())
            at = self._moment(since)
            self._record(_ENDS[state](outside_book.named(known, name), at))
            typer.echo(f"{name} is {state} since {moments.written(at)}.")

    def list_all(self, *, as_json: AsJson = False) -> None:
        """Show every authority that is or was in use."""
        with explained():
            for one in outside_book.load(self.open_folder()):
                member = {k: v for k, v in outside.member_of(one).items() if k != "certificates"}
                line = json.dumps(member) if as_json else "  ".join(map(str, member.values()))
                sys.stdout.write(f"{line}\n")

    def _record(self, authority: OutsideAuthority) -> None:
        try:
            outside.require_sound(authority)
        except TrustListInvalid as cause:
            raise StateRefused(f"This cannot be put on the list: {cause.reason}.") from cause
        outside_book.record(self.open_folder(), authority)
        self.publish()

    def _moment(self, text: str) -> datetime:
        now = self.clock().replace(microsecond=0)
        try:
            at = moments.read(text) if text else now
        except TrustListInvalid as cause:
            raise typer.BadParameter("write a moment as 2026-11-21T10:00:00Z") from cause
        if at > now:
            raise typer.BadParameter("--since cannot lie in the future")
        return at
