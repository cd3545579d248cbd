"""`echt verify`: the same verdicts on the command line, for one file or a thousand.

A folder stands for the files in it, a ZIP for the documents in it; a text comes by
`--text`, or from standard input by `--text -`.

Exit codes: 0 every verdict is positive, 1 at least one is not, 2 wrong use, 3 could not
(no good trust list on this computer).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from verifier import texts
from verifier.archives import MAX_ARCHIVE
from verifier.errors import VerifierError
from verifier.intake import Kind, kind_of
from verifier.receipts import texts as receipt_texts
from verifier.receipts.desk import Answer as ReceiptAnswer
from verifier.receipts.form import looks_like_one
from verifier.receipts.judging import Standing
from verifier.verdict import to_json

if TYPE_CHECKING:
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

    With a trust list of the caller's own, or offline, nothing but that list is used. `at`
    is the moment to judge at; None is now.
    """

    def __call__(self, *, trust: Path | None, offline: bool, at: datetime | None) -> Verifier:
        """Make one; closing is the caller's affair at exit."""
        ...


class OpenReceipts(Protocol):
    """How `main.py` makes what judges receipts for the command line; as `OpenVerifier`."""

    def __call__(self, *, trust: Path | None, offline: bool, at: datetime | None) -> Receipts:
        """Make one."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that was checked, with its verdict and what it cost."""

    name: str
    verdict: Verdict | ReceiptAnswer
    seconds: float


def verify_command(
    open_verifier: OpenVerifier,
    translator: Callable[[str], Translate],
    open_receipts: OpenReceipts,
) -> Callable[..., None]:
    """Build the function that Typer registers as `verify`."""

    def verify(  # noqa: PLR0913 - the options of a command
        files: Annotated[
            list[Path] | None,
            typer.Argument(help="Files, folders and ZIPs to check.", exists=True),
        ] = None,
        *,
        text: Annotated[
            list[str] | None,
            typer.Option(help="Text to check, such as that of a QR code; - reads it."),
        ] = None,
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
        if not files and not text:
            raise typer.BadParameter("Name a file, a folder or a text to check.")
        if at is not None and not offline:  # the register only knows today
            raise typer.BadParameter("--at needs --offline")
        moment = None if at is None else at.replace(tzinfo=UTC)
        try:
            verifier = open_verifier(trust=trust, offline=offline, at=moment)
            receipts = open_receipts(trust=trust, offline=offline, at=moment)
            asking = partial(_asked, verifier, receipts, offline=offline)
            answers = chain(_texts(asking, text or ()), _files(asking, files or ()))
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
    return COULD_NOT if texts.is_about_this_computer(verdict) else NEGATIVE


Asking = Callable[[str, bytes | str], Iterable[Answer]]


def _asked(
    verifier: Verifier,
    receipts: Receipts,
    name: str,
    asked: bytes | str,
    *,
    offline: bool,
) -> Iterable[Answer]:
    """The answers about one thing: one, or for a ZIP one for each document in it."""
    start = time.perf_counter()
    for label, verdict in _verdicts(verifier, receipts, asked, offline=offline):
        yield Answer(f"{name}/{label}" if label else name, verdict, time.perf_counter() - start)
        start = time.perf_counter()


def _verdicts(
    verifier: Verifier, receipts: Receipts, asked: bytes | str, *, offline: bool
) -> Iterable[tuple[str, Verdict | ReceiptAnswer]]:
    if isinstance(asked, str):
        return [("", verifier.verify_text(asked, offline=offline))]
    if looks_like_one(asked):
        token = asked.decode("ascii", "replace").strip()
        return [("", receipts.check(token, offline=offline))]
    return verifier.verify_many(asked, offline=offline)


def _texts(asking: Asking, texts_: Iterable[str]) -> Iterable[Answer]:
    for text in texts_:
        yield from asking("-", sys.stdin.read(MAX_READ) if text == "-" else text)


def _files(asking: Asking, files: Iterable[Path]) -> Iterable[Answer]:
    for file in _each(files):
        with file.open("rb") as source:
            data = source.read(MAX_READ)
            if kind_of(data) is Kind.ZIP:
                data += source.read(MAX_ARCHIVE + 1 - len(data))
        yield from asking(str(file), data)


def _each(files: Iterable[Path]) -> Iterable[Path]:
    """Files themselves, and those in folders below by name; links in a folder are not followed."""
    for file in files:
        if not file.is_dir():
            yield file
            continue
        for folder, below, names in os.walk(file):
            below.sort()
            found = (Path(folder) / name for name in sorted(names))
            yield from (one for one in found if one.is_file() and not one.is_symlink())


def _lines(answers: Iterable[Answer]) -> list[Answer]:
    shown = []
    for answer in answers:
        told = {"file": answer.name, **_told(answer.verdict)}
        typer.echo(json.dumps(told | {"seconds": round(answer.seconds, 4)}, ensure_ascii=False))
        shown.append(answer)
    return shown


def _table(answers: Iterable[Answer], translate: Translate) -> list[Answer]:
    table, shown = Table(), []
    for heading in ("File", "Verdict", "Why", "Seconds"):
        table.add_column(translate(heading), overflow="fold")
    for answer in answers:
        title, why = _in_words(answer.verdict, translate)
        table.add_row(escape(_plain(answer.name)), title, why, f"{answer.seconds:.3f}")
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
