"""`echt verify`: the same verdicts on the command line, for one file or a thousand.

Exit codes: 0 every verdict is positive, 1 at least one is not, 2 wrong use, 3 could not
(no good trust list on this computer).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from verifier import texts
from verifier.errors import VerifierError
from verifier.verdict import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from verifier.texts import Translate
    from verifier.verdict import Verdict
    from verifier.verifying import Verifier

DONE, NEGATIVE, COULD_NOT = 0, 1, 3
MAX_READ = 10 * 1024 * 1024 + 1
"""One byte over the limit is enough to know that a file is too large."""


class OutputLanguage(StrEnum):
    """A language for the table."""

    NL = "nl"
    EN = "en"
    DE = "de"


class OpenVerifier(Protocol):
    """How `main.py` makes a verifier for the command line.

    With a trust list of the caller's own, or offline, nothing but that list is used. `at`
    is the moment to judge at; None is now.
    """

    def __call__(self, *, trust: Path | None, offline: bool, at: datetime | None) -> Verifier:
        """Make one; closing is the caller's affair at exit."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """One file with its verdict and what it cost."""

    file: Path
    verdict: Verdict
    seconds: float


def verify_command(
    open_verifier: OpenVerifier, translator: Callable[[str], Translate]
) -> Callable[..., None]:
    """Build the function that Typer registers as `verify`."""

    def verify(  # noqa: PLR0913 - one parameter for each option of the command
        files: Annotated[
            list[Path], typer.Argument(help="Files to check.", exists=True, dir_okay=False)
        ],
        *,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
        trust: Annotated[
            Path | None, typer.Option(help="Trust list to use.", exists=True, dir_okay=False)
        ] = None,
        offline: Annotated[
            bool, typer.Option("--offline", help="Ask nobody for the status.")
        ] = False,
        at: Annotated[
            datetime | None,
            typer.Option(
                formats=["%Y-%m-%dT%H:%M:%SZ"],
                help="Judge as of this moment, in UTC (offline only).",
            ),
        ] = None,
        language: Annotated[
            OutputLanguage, typer.Option(help="Language of the table.")
        ] = OutputLanguage.EN,
    ) -> None:
        """Check documents and say what is true of each."""
        if at is not None and not offline:  # the register only knows today
            raise typer.BadParameter("--at needs --offline")
        moment = None if at is None else at.replace(tzinfo=UTC)
        try:
            verifier = open_verifier(trust=trust, offline=offline, at=moment)
            answers = _answers(verifier, files, offline=offline)
            shown = _lines(answers) if as_json else _table(answers, translator(language))
        except (VerifierError, OSError) as error:
            typer.echo(getattr(error, "public", None) or f"{error}", err=True)
            raise typer.Exit(COULD_NOT) from error
        code = max((_exit_code(answer.verdict) for answer in shown), default=DONE)
        if code != DONE:
            raise typer.Exit(code)

    return verify


def _exit_code(verdict: Verdict) -> int:
    """3 says something of this computer, 1 of the file."""
    if verdict.code.is_positive:
        return DONE
    return COULD_NOT if texts.OURS.intersection(verdict.reasons) else NEGATIVE


def _answers(verifier: Verifier, files: Iterable[Path], *, offline: bool) -> Iterable[Answer]:
    for file in files:
        with file.open("rb") as source:
            data = source.read(MAX_READ)
        start = time.perf_counter()
        verdict = verifier.verify(data, offline=offline)
        yield Answer(file, verdict, time.perf_counter() - start)


def _lines(answers: Iterable[Answer]) -> list[Answer]:
    shown = []
    for answer in answers:
        told = {"file": str(answer.file), **to_json(answer.verdict)}
        typer.echo(json.dumps(told | {"seconds": round(answer.seconds, 4)}, ensure_ascii=False))
        shown.append(answer)
    return shown


def _table(answers: Iterable[Answer], translate: Translate) -> list[Answer]:
    table, shown = Table(), []
    for heading in ("File", "Verdict", "Why", "Seconds"):
        table.add_column(translate(heading), overflow="fold")
    for answer in answers:
        title = translate(texts.WORDS[answer.verdict.code].title)
        why = translate(texts.why(answer.verdict))
        table.add_row(escape(_plain(answer.file.name)), title, why, f"{answer.seconds:.3f}")
        shown.append(answer)
    Console().print(table)
    return shown


def _plain(name: str) -> str:
    """A file name as text: what would move the cursor is shown as a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)
