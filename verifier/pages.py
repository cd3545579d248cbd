"""The check for people: one calm page to put a file in, one page with the answer.

Nothing is kept, so there is no address for an answer and no token in the form; the
shell refuses requests that another site started.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from verifier import changes, expert, texts
from verifier.buckets import FRESH
from verifier.errors import NothingToCheck, NotIssued
from verifier.lines import numbered_lines
from verifier.upload import file_in
from verifier.verdict import Check, CheckName, CheckResult, Verdict, VerdictCode
from web.headers import OWN_CAMERA, PERMISSIONS
from web.i18n import NAMES, Language
from web.templates import Pages, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.comparing import Comparison
    from verifier.receipts.desk import IssuedReceipt, Receipts
    from verifier.verifying import Verifier

TEMPLATES = Path(__file__).resolve().parent / "templates"
STATIC = Path(__file__).resolve().parent / "static"
WORKER = STATIC / "service-worker.js"
JOINED = ("qr-page.js",)
"""Modules that are served with all that they import: a phone waits for them (decision 0023)."""

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
    receipts: Receipts | None = None
    """Without it, no receipt stands under a verdict."""


def known(fresh: timedelta = FRESH) -> dict[str, object]:
    """What the templates of this room name; `fresh` is how old a status may be for "up to date"."""
    return {"fresh_seconds": int(fresh.total_seconds())}


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
    program = WORKER.read_bytes()

    @routes.get("/{lang}/verify")
    def ask(request: Request, lang: Language) -> HTMLResponse:
        """The page with the place for a file."""
        return _asking(deps, request, lang, missing=False)

    @routes.post("/{lang}/verify")
    def answer(
        request: Request, lang: Language, data: Annotated[bytes | None, Depends(_file_if_any)]
    ) -> HTMLResponse:
        """The page with the verdict; without a file, the first page with a word about that."""
        if data is None:
            return _asking(deps, request, lang, missing=True)
        verdict = deps.verifier.verify(data)
        # Only for who looks at a page, and only now: a comparison is never part of a verdict.
        is_altered = verdict.code is VerdictCode.ALTERED
        changed = deps.verifier.changes(data) if is_altered else None
        receipt = deps.receipts.issue_if_possible(data, verdict) if deps.receipts else None
        seen = _shown(deps, verdict, lang, changed=changed, receipt=receipt)
        return deps.pages.render(request, "verdict.html", status=200, **seen)

    @routes.get("/{lang}/qr")
    def scan(request: Request, lang: Language) -> HTMLResponse:
        """The page with the camera, which also shows what a scanned code says."""
        del lang
        page = deps.pages.render(request, "qr.html")
        page.headers[PERMISSIONS] = OWN_CAMERA
        return page

    @routes.get("/qr/service-worker.js")
    def worker() -> Response:
        """Keeps the pages that check codes for where there is no network, the start pages too."""
        return Response(program, 200, {"Service-Worker-Allowed": "/"}, "text/javascript")

    return routes


class Fingerprint(BaseModel):
    """A file of which only the hash is told: whoever has it has, or had, the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the whole file.")
    language: Language = Language.NL


def record_api(deps: Deps) -> APIRouter:
    """The one route of the API that answers with a page (`spec/verifier.md` 3.6)."""
    routes = APIRouter(prefix="/api/v1", tags=["verification"])
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}

    @routes.post(
        "/verifications/_render",
        response_class=HTMLResponse,
        responses={404: {"description": "We issued no file with this hash", **problem}},
        operation_id="render",
        summary="What our own record says of an issued file",
    )
    def render(request: Request, asked: Fingerprint) -> HTMLResponse:
        """An identified check: with the whole hash we know which document is meant."""
        request.state.language = asked.language
        verdict = deps.verifier.verify_fingerprint(asked.sha256)
        if not _known(verdict):
            raise NotIssued("We issued no file with this fingerprint, or cannot look it up now.")
        return deps.pages.render(
            request, "verdict.html", status=200, **_shown(deps, verdict, asked.language)
        )

    return routes


def _known(verdict: Verdict) -> bool:
    known = (check.result for check in verdict.checks if check.name is CheckName.KNOWN_BYTES)
    return next(known, None) is CheckResult.PASS


def _asking(deps: Deps, request: Request, lang: Language, *, missing: bool) -> HTMLResponse:
    verdicts = [_by_fingerprint(deps, code, lang) for code in texts.BY_FINGERPRINT]
    return deps.pages.render(
        request,
        "verify.html",
        status=400 if missing else 200,
        missing=missing,
        verdicts=verdicts,
    )


def _by_fingerprint(deps: Deps, code: VerdictCode, lang: Language) -> dict[str, object]:
    """The words of a verdict that a browser reaches by itself."""
    translate = deps.pages.translate(lang)
    word, rest = _two_parts(translate(texts.WORDS[code].title))
    return {
        "code": code,
        "word": word,
        "rest": rest,
        "shape": SHAPES[code],
        "tone": TONES.get(code, "unknown"),
        "why": translate(texts.BY_FINGERPRINT[code]),
        "next_step": translate(texts.WORDS[code].next_step),
    }


async def _file_if_any(request: Request) -> bytes | None:
    try:
        return await file_in(request)
    except NothingToCheck:
        return None


def _shown(
    deps: Deps,
    verdict: Verdict,
    lang: Language,
    *,
    changed: Comparison | None = None,
    receipt: IssuedReceipt | None = None,
) -> dict[str, object]:
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
        "checks": [_check_line(check, deps, lang) for check in verdict.checks if check.counts],
        "expert": list(expert.lines(verdict.details, translate)),
        "flags": [translate(texts.FLAGS[flag]) for flag in verdict.flags if flag in texts.FLAGS],
        "messages": list(_messages(deps, verdict, lang)),
        "changes": changes.shown(changed),
        "receipt": receipt,
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
    if verdict.code not in ASKS_CANDIDATE or texts.is_about_this_computer(verdict):
        return
    for language in sorted(Language, key=lambda one: one is not lang):
        translate = deps.pages.translate(language)
        text = texts.message_to_candidate(verdict.code, translate, deps.site.address)
        yield language, NAMES[language], text
