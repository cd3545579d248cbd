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

from verifier import changes, expert, messages, texts
from verifier.api import FINGERPRINT
from verifier.buckets import FRESH
from verifier.errors import NothingToCheck, NotIssued
from verifier.lines import Line, Translate, numbered_lines
from verifier.overview_lines import is_overview, overview_lines
from verifier.showing import SHAPES, TONES, by_fingerprint, check_line, two_parts
from verifier.upload import Handed, handed_in
from verifier.verdict import CheckName, CheckResult, Verdict, VerdictCode
from web.headers import OWN_CAMERA, PERMISSIONS
from web.i18n import NAMES, Language
from web.templates import Pages, Site

if TYPE_CHECKING:
    from verifier.receipts.desk import IssuedReceipt, Receipts
    from verifier.verdict import Facts
    from verifier.verifying import Verifier

TEMPLATES = Path(__file__).resolve().parent / "templates"
STATIC = Path(__file__).resolve().parent / "static"
WORKER = STATIC / "service-worker.js"
JOINED = ("qr-page.js",)
"""Modules that are served with all that they import: a phone waits for them (decision 0023)."""


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


def router(deps: Deps) -> APIRouter:
    """The routes of the pages of this room."""
    routes = APIRouter()
    program = WORKER.read_bytes()

    @routes.get("/{lang}/verify")
    def ask(request: Request, lang: Language) -> HTMLResponse:
        """The page with the place for a file."""
        return _asking(deps, request, lang)

    @routes.post("/{lang}/verify")
    def answer(
        request: Request, lang: Language, handed: Annotated[Handed | None, Depends(_handed_if_any)]
    ) -> HTMLResponse:
        """The page with the verdict; without anything, the first page with a word about that."""
        if handed is None or handed.is_nothing:
            return _asking(deps, request, lang, missing="text" if handed else "file")
        verdict = deps.verifier.verify(handed.data)
        # Only for who looks at a page, and only now: a comparison is never part of a verdict.
        is_altered = verdict.code is VerdictCode.ALTERED
        changed = deps.verifier.changes(handed.data) if is_altered else None
        receipt = deps.receipts.issue_if_possible(handed.data, verdict) if deps.receipts else None
        seen = _shown(deps, verdict, lang, receipt=receipt, handed=handed)
        seen["changes"] = changes.shown(changed)
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

    sha256: str = Field(
        pattern="^[0-9a-f]{64}$", description="SHA-256 of the whole file.", examples=[FINGERPRINT]
    )
    language: Language = Field(default=Language.NL, examples=["en"])


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
        receipt = deps.receipts.seen_by_fingerprint(verdict) if deps.receipts else None
        seen = _shown(deps, verdict, asked.language, receipt=receipt)
        return deps.pages.render(request, "verdict.html", status=200, **seen)

    return routes


def _known(verdict: Verdict) -> bool:
    known = (check.result for check in verdict.checks if check.name is CheckName.KNOWN_BYTES)
    return next(known, None) is CheckResult.PASS


def _asking(deps: Deps, request: Request, lang: Language, *, missing: str = "") -> HTMLResponse:
    translate = deps.pages.translate(lang)
    return deps.pages.render(
        request,
        "verify.html",
        status=400 if missing else 200,
        missing=missing,
        verdicts=[
            by_fingerprint(code, translate)
            | {"messages": _messages(deps, messages.PARTS.get(code, ()), lang)}
            for code in texts.BY_FINGERPRINT
        ],
        gives_receipts=deps.receipts is not None and deps.receipts.signer is not None,
    )


async def _handed_if_any(request: Request) -> Handed | None:
    try:
        return await handed_in(request)
    except NothingToCheck:
        return None


def _shown(
    deps: Deps,
    verdict: Verdict,
    lang: Language,
    *,
    receipt: IssuedReceipt | None = None,
    handed: Handed | None = None,
) -> dict[str, object]:
    translate = deps.pages.translate(lang)
    title = translate(texts.WORDS[verdict.code].title)
    word, rest = two_parts(title)
    lines = _lines(verdict.facts, lang, translate) if verdict.facts else ()
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
        "checks": [check_line(check, translate) for check in verdict.checks if check.counts],
        "expert": list(expert.lines(verdict.details, translate)),
        "flags": [translate(texts.FLAGS[flag]) for flag in verdict.flags if flag in texts.FLAGS],
        "messages": _messages(deps, messages.parts_for(verdict), lang),
        "changes": (),
        "receipt": receipt,
        "file": handed.name if handed else "",
        "sha256": handed.sha256 if handed else None,
    }


def _lines(facts: Facts, lang: Language, translate: Translate) -> tuple[Line, ...]:
    told = overview_lines if is_overview(facts) else numbered_lines
    return told(facts, lang, translate)


def _messages(deps: Deps, parts: tuple[str, ...], lang: Language) -> list[tuple[str, str, str]]:
    """The message in every language, that of the page first; none when there is nothing to ask."""
    if not parts:
        return []
    return [
        (
            one.value,
            NAMES[one],
            messages.written(parts, deps.pages.translate(one), deps.site.address),
        )
        for one in sorted(Language, key=lambda one: one is not lang)
    ]
