"""`echt verify`: the same verdicts on the command line, for one file or a thousand.

Exit codes: 0 every verdict is positive, 1 at least one is not, 2 wrong use, 3 could not
(no good trust list on this computer).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from verifier import texts
from verifier.errors import VerifierError
from verifier.receipts import texts as receipt_texts
from verifier.receipts.desk import Answer as ReceiptAnswer
from verifier.receipts.form import looks_like_one
from verifier.receipts.judging import Standing
from verifier.verdict import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from verifier.receipts.desk import Receipts
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

    With a trust list of the caller's own, or offline, nothing but that list is used.
    """

    def __call__(self, *, trust: Path | None, offline: bool) -> Verifier:
        """Make one; closing is the caller's affair at exit."""
        ...


class OpenReceipts(Protocol):
    """How `main.py` makes what judges receipts for the command line; as `OpenVerifier`."""

    def __call__(self, *, trust: Path | None, offline: bool) -> Receipts:
        """Make one."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """One file with its verdict and what it cost."""

    file: Path
    verdict: Verdict | ReceiptAnswer
    seconds: float


def verify_command(
    open_verifier: OpenVerifier,
    translator: Callable[[str], Translate],
    open_receipts: OpenReceipts | None = None,
) -> Callable[..., None]:
    """Build the function that Typer registers as `verify`."""

    def verify(
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
        language: Annotated[
            OutputLanguage, typer.Option(help="Language of the table.")
        ] = OutputLanguage.EN,
    ) -> None:
        """Check documents and say what is true of each."""
        try:
            verifier = open_verifier(trust=trust, offline=offline)
            receipts = open_receipts(trust=trust, offline=offline) if open_receipts else None
            answers = _answers(verifier, receipts, files, offline=offline)
            shown = _lines(answers) if as_json else _table(answers, translator(language))
        except (VerifierError, OSError) as error:
            typer.echo(getattr(error, "public", None) or f"{error}", err=True)
            raise typer.Exit(COULD_NOT) from error
        code = max((_exit_code(answer.verdict) for answer in shown), default=DONE)
        if code != DONE:
            raise typer.Exit(code)

    return verify


def _exit_code(verdict: Verdict | ReceiptAnswer) -> int:
    """3 says something of this computer, 1 of the file; an old verdict that fell is no 0 either."""
    if isinstance(verdict, ReceiptAnswer):
        standing, fell = verdict.judged.standing, verdict.holds is False
        if standing is Standing.CANNOT_CHECK:
            return COULD_NOT
        return NEGATIVE if fell or standing is Standing.NOT_OURS else DONE
    if verdict.code.is_positive:
        return DONE
    return COULD_NOT if texts.OURS.intersection(verdict.reasons) else NEGATIVE


def _answers(
    verifier: Verifier, receipts: Receipts | None, files: Iterable[Path], *, offline: bool
) -> Iterable[Answer]:
    for file in files:
        with file.open("rb") as source:
            data = source.read(MAX_READ)
        start = time.perf_counter()
        verdict: Verdict | ReceiptAnswer
        if receipts is not None and looks_like_one(data):
            token = data.decode("ascii", "replace").strip()
            verdict = receipts.check(token, offline=offline)
        else:
            verdict = verifier.verify(data, offline=offline)
        yield Answer(file, verdict, time.perf_counter() - start)


def _lines(answers: Iterable[Answer]) -> list[Answer]:
    shown = []
    for answer in answers:
        told = {"file": str(answer.file), **_told(answer.verdict)}
        typer.echo(json.dumps(told | {"seconds": round(answer.seconds, 4)}, ensure_ascii=False))
        shown.append(answer)
    return shown


def _table(answers: Iterable[Answer], translate: Translate) -> list[Answer]:
    table, shown = Table(), []
    for heading in ("File", "Verdict", "Why", "Seconds"):
        table.add_column(translate(heading), overflow="fold")
    for answer in answers:
        title, why = _in_words(answer.verdict, translate)
        table.add_row(escape(_plain(answer.file.name)), title, why, f"{answer.seconds:.3f}")
        shown.append(answer)
    Console().print(table)
    return shown


def _told(verdict: Verdict | ReceiptAnswer) -> dict[str, object]:
    return verdict.to_json() if isinstance(verdict, ReceiptAnswer) else to_json(verdict)


def _in_words(verdict: Verdict | ReceiptAnswer, translate: Translate) -> tuple[str, str]:
    """The verdict and why, in one language; for a receipt also the verdict that it holds."""
    if not isinstance(verdict, ReceiptAnswer):
        return translate(texts.WORDS[verdict.code].title), translate(texts.why(verdict))
    title = translate(receipt_texts.TITLES[verdict.judged.standing])
    why, receipt = translate(receipt_texts.WHY[verdict.judged.reason]), verdict.judged.receipt
    if receipt is None:
        return title, why
    then = translate(texts.WORDS[receipt.code].title)
    return f"{title}: {then}", f"{why} {translate(receipt_texts.about_today(verdict))}"


def _plain(name: str) -> str:
    """A file name as text: what would move the cursor is shown as a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)
