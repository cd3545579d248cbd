"""`echt keys approve`, `echt keys ceremony`, `echt keys transcript`.

Imports of what a ceremony needs stand where a command needs them: every other command
of the program would wait for them as well.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from keys import durable
from keys.custody import Custody
from keys.exits import explained
from keys.files import load_chain
from keys.roster import ID

if TYPE_CHECKING:
    from keys.ceremony.plan import Plan

PlanFile = Annotated[Path, typer.Argument(help="The plan, in YAML.", show_default=False)]
OwnKey = Annotated[Path, typer.Option(help="Your private key in PEM, P-256 or Ed25519.")]
OwnId = Annotated[str, typer.Option("--as", help="Your id on the roster.")]
RootFile = Annotated[
    Path | None, typer.Option(help="The root that you hold; else that of the key folder.")
]


@dataclass(frozen=True, slots=True)
class CeremonyDesk:
    """The commands of a ceremony over one key folder."""

    open_folder: Callable[[], Path]
    open_public: Callable[[], Path]
    open_token: Callable[[], Custody] | None
    clock: Callable[[], datetime]
    production: bool

    def approve(self, plan: PlanFile, as_: OwnId, key: OwnKey) -> None:
        """Sign a plan with your own key; the signature stands beside it."""
        from keys.ceremony.approvals import approve  # noqa: PLC0415 - see above
        from keys.ceremony.holding import read_file  # noqa: PLC0415 - see above
        from keys.ceremony.plan import read_plan  # noqa: PLC0415 - see above
        from keys.ceremony.telling import shown  # noqa: PLC0415 - see above

        with explained():
            understood = read_plan(read_file(plan))
            place = _signature_place(plan, as_)
            _print_plan(understood)
            ask = lambda: typer.prompt("Password of the key", hide_input=True)  # noqa: E731 - one line, one use
            signature = approve(understood.source, key, ask)
            durable.replace(place, signature, mode=durable.PUBLIC)
            typer.echo(f"Approved by {as_}: {shown(place.name)}")

    def hold(self, plan: PlanFile) -> None:
        """Hold the ceremony of an approved plan: everything that it says, or nothing."""
        from keys.ceremony.holding import Ceremonies  # noqa: PLC0415 - see above

        with explained():
            places = self.open_folder(), self.open_public()
            ceremonies = Ceremonies(*places, self.clock, self.open_token, self.production)
            held = ceremonies.hold(plan)
            _print_plan(held.plan)
            say = partial(Console().print, soft_wrap=True)
            say(f"Root: SHA-256 {hashlib.sha256(held.root).hexdigest()}")
            say(f"Held. Transcript: SHA-256 {held.sha256}")

    def transcript(self, file: Path, root: RootFile = None) -> None:
        """Check the transcript of a ceremony and show what it says."""
        from keys import hierarchy  # noqa: PLC0415 - see above
        from keys.ceremony.holding import read_file  # noqa: PLC0415 - see above
        from keys.ceremony.transcript import read_transcript  # noqa: PLC0415 - see above

        with explained():
            pinned = load_chain(root)[0] if root else hierarchy.root_of(self.open_folder())
            read = read_transcript(read_file(file), pinned_root=pinned)
            sys.stdout.write(f"{json.dumps(read.payload, indent=1, ensure_ascii=False)}\n")

    def audit(self) -> None:
        """Prove every key and its state by approved ceremonies, from the first one on."""
        from keys.ceremony.audit import audit  # noqa: PLC0415 - see above

        with explained():
            proven = audit(self.open_folder())
            say = partial(Console().print, soft_wrap=True)
            for one in proven:
                who = ", ".join(approver.id for approver in one.transcript.approvers)
                plan = one.transcript.plan
                say(f"{plan.day} {plan.name}: {plan.kind}, approved by {who}")
            say(f"First transcript: SHA-256 {proven[0].transcript.sha256} (compare the minutes)")


def _signature_place(plan: Path, approver: str) -> Path:
    if not ID.fullmatch(approver):
        raise typer.BadParameter("--as takes your id on the roster: small letters, digits, hyphens")
    from keys.ceremony.approvals import signature_file  # noqa: PLC0415 - see above

    return signature_file(plan, approver)


def _print_plan(plan: Plan) -> None:
    from keys.ceremony.telling import told  # noqa: PLC0415 - see above

    for line in told(plan):
        typer.echo(line)
