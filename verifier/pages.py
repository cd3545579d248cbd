"""The check for people: one calm page to put a file in, one page with the answer.

Nothing is kept, so there is no address for an answer and no token in the form; the
shell refuses requests that another site started.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse

from verifier import changes, texts
from verifier.errors import NothingToCheck
from verifier.lines import numbered_lines
from verifier.upload import file_in
from verifier.verdict import Check, CheckResult, Verdict, VerdictCode
from web.i18n import NAMES, Language
from web.templates import Pages, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.verifying import Verifier

TEMPLATES = Path(__file__).resolve().parent / "templates"
STATIC = Path(__file__).resolve().parent / "static"

SHAPES = {
    VerdictCode.GENUINE_CURRENT: "genuine",
    VerdictCode.GENUINE_STATUS_UNKNOWN: "status_unknown",
    VerdictCode.SUPERSEDED: "superseded",
    VerdictCode.WITHDRAWN: "withdrawn",
    VerdictCode.ALTERED: "altered",
    VerdictCode.NOT_OURS: "not_ours",
    VerdictCode.NOT_ORIGINAL: "not_original",
    VerdictCode.QR_GENUINE_COMPARE: "qr_genuine",
    VerdictCode.SHARE_ENDED: "ended",
    VerdictCode.CANNOT_CHECK: "cannot_check",
}
"""Drawings of the shell, one per verdict and each of its own outline."""

TONES = {
    VerdictCode.GENUINE_CURRENT: "genuine",
    VerdictCode.QR_GENUINE_COMPARE: "genuine",
    VerdictCode.SUPERSEDED: "look",
    VerdictCode.NOT_ORIGINAL: "look",
    VerdictCode.ALTERED: "changed",
    VerdictCode.WITHDRAWN: "changed",
    VerdictCode.NOT_OURS: "changed",
}
"""Nothing unknown is green: what is not named here has the tone of the unknown."""

ASKS_CANDIDATE = frozenset(
    {VerdictCode.NOT_ORIGINAL, VerdictCode.ALTERED, VerdictCode.CANNOT_CHECK, VerdictCode.NOT_OURS}
)
"""Verdicts after which an employer writes to the candidate."""


@dataclass(frozen=True, slots=True)
class Deps:
    """What the pages need."""

    verifier: Verifier
    pages: Pages
    site: Site


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check as the page shows it: a drawing, a word, a sentence."""

    drawing: str
    tone: str
    word: str
    sentence: str


def router(deps: Deps) -> APIRouter:
    """The routes of the pages of this room."""
    routes = APIRouter()

    @routes.get("/{lang}/verify")
    def ask(request: Request, lang: Language) -> HTMLResponse:
        """The page with the place for a file."""
        del lang  # the shell takes the language from the path itself
        return deps.pages.render(request, "verify.html", missing=False)

    @routes.post("/{lang}/verify")
    def answer(
        request: Request, lang: Language, data: Annotated[bytes | None, Depends(_file_if_any)]
    ) -> HTMLResponse:
        """The page with the verdict; without a file, the first page with a word about that."""
        if data is None:
            return deps.pages.render(request, "verify.html", status=400, missing=True)
        verdict = deps.verifier.verify(data)
        seen = _shown(deps, verdict, lang)
        # Only for who looks at a page, and only now: a comparison is never part of a verdict.
        is_altered = verdict.code is VerdictCode.ALTERED
        changed = deps.verifier.changes(data) if is_altered else None
        seen["changes"] = changes.shown(changed)
        return deps.pages.render(request, "verdict.html", status=200, **seen)

    return routes


async def _file_if_any(request: Request) -> bytes | None:
    try:
        return await file_in(request)
    except NothingToCheck:
        return None


def _shown(deps: Deps, verdict: Verdict, lang: Language) -> dict[str, object]:
    translate = deps.pages.translate(lang)
    title = translate(texts.WORDS[verdict.code].title)
    word, rest = _two_parts(title)
    lines = numbered_lines(verdict.facts, lang, translate) if verdict.facts else ()
    return {
        "verdict": verdict,
        "page_title": title,
        "word": word,
        "rest": rest,
        "shape": SHAPES[verdict.code],
        "tone": TONES.get(verdict.code, "unknown"),
        "why": translate(texts.why(verdict)),
        "next_step": translate(texts.words(verdict).next_step),
        "person": [line for line in lines if line.is_about_the_person],
        "document": [line for line in lines if not line.is_about_the_person],
        "checks": [_check_line(check, deps, lang) for check in verdict.checks],
        "flags": [translate(texts.FLAGS[flag]) for flag in verdict.flags if flag in texts.FLAGS],
        "messages": list(_messages(deps, verdict, lang)),
    }


def _two_parts(title: str) -> tuple[str, str]:
    """The word of the verdict, and what stands smaller below it."""
    for mark in (". ", "; "):
        word, found, rest = title.partition(mark)
        if found:
            return word, rest[:1].upper() + rest[1:]
    return title, ""


def _check_line(check: Check, deps: Deps, lang: Language) -> CheckLine:
    translate = deps.pages.translate(lang)
    drawing = {CheckResult.PASS: "pass", CheckResult.FAIL: "fail", CheckResult.NOT_DONE: "skip"}
    kind = "missing" if texts.is_merely_absent(check) else drawing[check.result]
    word = translate(texts.result_word(check))
    return CheckLine(f"check_{kind}", f"echt-{kind}", word, translate(texts.sentence(check)))


def _messages(deps: Deps, verdict: Verdict, lang: Language) -> Iterator[tuple[Language, str, str]]:
    """The message in every language, that of the page first; none when the fault is ours."""
    if verdict.code not in ASKS_CANDIDATE or texts.OURS.intersection(verdict.reasons):
        return
    for language in sorted(Language, key=lambda one: one is not lang):
        translate = deps.pages.translate(language)
        text = texts.message_to_candidate(verdict.code, translate, deps.site.address)
        yield language, NAMES[language], text
