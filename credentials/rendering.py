"""From an extract to the unsigned PDF: PDF 1.7, PDF/A-3a and PDF/UA-1, the same bytes anywhere.

typst starts threads with its first compile, and those do not survive a fork: a child
that compiles after its parent did waits for ever (pdf.md 2.2). So nothing compiles at
import or in a constructor, worker processes are spawned or forked before their first
document, and a renderer that finds itself in a forked child refuses instead of hanging.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import typst

from credentials.attachment import extract_json
from credentials.extract import Extract, Language
from credentials.press.document import document
from credentials.press.unset import Unset
from credentials.qr import draw
from credentials.sheet import House, Json, sheet
from credentials.wording import Translate

_HERE = Path(__file__).parent
_compiled_in: list[int] = []
"""Process id of the first compile; a list, because a fork copies it and the id then differs."""


class ForkedAfterCompile(RuntimeError):
    """This process was forked after a compile, where the next compile would never return."""


class Compilers:
    """Warm compilers of one template, lent to one thread at a time."""

    def __init__(self, template: str, *, limit: int | None = None) -> None:
        self._template = _HERE / "templates" / template
        self._free: list[typst.Compiler] = []
        self._lent = threading.BoundedSemaphore(limit or os.cpu_count() or 1)

    @contextmanager
    def borrow(self) -> Iterator[typst.Compiler]:
        """Lend a compiler; it stays warm for the next document.

        Raises:
            ForkedAfterCompile: the parent of this process compiled before it forked.
        """
        refuse_after_fork()
        with self._lent:
            compiler = self._free.pop() if self._free else self._new()
            try:
                yield compiler
            finally:
                self._free.append(compiler)

    def _new(self) -> typst.Compiler:
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(_HERE / "fonts")],
        )
        return typst.Compiler(
            str(self._template),
            root=str(self._template.parent),
            font_paths=fonts,
            ignore_system_fonts=True,
        )


def refuse_after_fork() -> None:
    """Remember the process of the first compile and refuse in any other that inherited it.

    Raises:
        ForkedAfterCompile: the parent of this process compiled before it forked.
    """
    if not _compiled_in:
        _compiled_in.append(os.getpid())
    if _compiled_in[0] != os.getpid():
        raise ForkedAfterCompile("compile after fork: start workers by spawn")


class Renderer:
    """Draws extracts. Safe to share between threads; costs nothing until the first document."""

    def __init__(
        self,
        *,
        translators: Mapping[Language, Translate],
        address: str,
        address_in_words: Mapping[Language, str],
        issuer: str,
    ) -> None:
        self._translators = translators
        self._houses = {
            language: House(issuer, address, address_in_words[language]) for language in Language
        }
        self._compilers = Compilers("extract.typ")

    def render(self, extract: Extract, qr_payload: str) -> bytes:
        """The unsigned PDF, by the press where it sets the sheet for certain, else by typst.

        Which of the two draws depends on the sheet alone, so the same record gives the same
        bytes. No byte of either is added or changed here.

        Raises:
            UncoveredText: a letter is in none of our fonts.
        """
        language = extract.language
        code = draw(qr_payload)
        page = sheet(extract, code, self._houses[language], self._translators[language])
        record = extract_json(extract)
        try:
            return document(page, code.rows, record, extract.issued_at)
        except Unset:
            program = program_of(page, code.svg, record)
        with self._compilers.borrow() as compiler:
            return compiled(compiler, program, extract.issued_at)


def compiled(compiler: typst.Compiler, program: bytes, moment: datetime) -> bytes:
    """The PDF that a program draws, made at that moment."""
    drawn = compiler.compile(
        input=program,
        format="pdf",
        pdf_standards=["a-3a", "ua-1"],
        timestamp=int(moment.timestamp()),
    )
    if not isinstance(drawn, bytes):
        raise TypeError("one document is one file")
    return drawn


def program_of(page: Json, code: bytes, record: bytes) -> bytes:
    """The program of one document: three texts handed to a template that never changes.

    typst keeps what it made of a template only while `sys.inputs` stays the same, so the
    data travels in the main file. Each datum has a line of its own and the call another:
    a diagnostic shows the line of the call, never a person.
    """
    text = json.dumps(page, ensure_ascii=False, separators=(",", ":"))
    return (
        '#import "/extract.typ": extract\n'
        f"#let sheet = json(bytes({literal(text)}))\n"
        f"#let code = bytes({literal(code.decode())})\n"
        f"#let record = bytes({literal(record.decode())})\n"
        "#extract(sheet, code, record)\n"
    ).encode()


def literal(text: str) -> str:
    """A typst string: only the backslash and the quotation mark mean anything inside."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
