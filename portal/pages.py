"""Routes of the holder's pages. Each parses, asks one use case, and renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from credentials.downloading import DRAFT_NUMBER
from credentials.extract import Extract, Language, Purpose
from credentials.lines import Kind, Line, Part, numbered_lines
from credentials.results import ResultTable, result_table
from portal.holding import Holding, chosen
from register.records import AwardRecord, AwardStatus
from web import i18n
from web.templates import Pages
from web.visit import CheckedForm, Holder

Translate = Callable[[str], str]

FILE_NAMES: Mapping[Language, str] = {
    Language.NL: "uittreksel",
    Language.EN: "extract",
    Language.DE: "auszug",
}


@dataclass(frozen=True, slots=True)
class Portal:
    """What the pages need."""

    holding: Holding
    pages: Pages


def router(portal: Portal) -> APIRouter:
    """The holder's pages, below `/{lang}/diplomas`."""
    routes = APIRouter()
    holding, pages = portal.holding, portal.pages

    @routes.get("/{lang}/diplomas")
    def diplomas(request: Request, lang: Language, holder: Holder) -> HTMLResponse:
        records = holding.awards(holder.person_id)
        rows = [_summary(portal, record, lang) for record in records]
        return pages.render(request, "diplomas.html", diplomas=rows)

    @routes.get("/{lang}/diplomas/{award_id}")
    def diploma(request: Request, lang: Language, award_id: str, holder: Holder) -> HTMLResponse:
        record = holding.award(holder.person_id, award_id)
        purposes = _purposes(pages.translate(i18n.Language(lang)))
        return pages.render(
            request,
            "diploma.html",
            diploma=_summary(portal, record, lang),
            documents=holding.documents(holder.person_id, award_id),
            languages=list(Language),
            purposes=purposes,
            purpose_words=dict(purposes),
        )

    @routes.get("/{lang}/diplomas/{award_id}/extract")
    def preview(request: Request, lang: Language, award_id: str, holder: Holder) -> HTMLResponse:
        query = request.query_params
        choice = chosen(query.get("language", lang), query.get("purpose", Purpose.GENERAL))
        record = holding.award(holder.person_id, award_id)
        extract = holding.preview(record, *choice)
        return pages.render(request, "preview.html", preview=_shown(extract, pages))

    @routes.post("/{lang}/diplomas/{award_id}/extract")
    def download(lang: Language, award_id: str, holder: Holder, form: CheckedForm) -> Response:
        choice = chosen(str(form.get("language", lang)), str(form.get("purpose", "")))
        record = holding.award(holder.person_id, award_id)
        issued = holding.download(record, *choice)
        name = f"{FILE_NAMES[choice[0]]}-{issued.number}.pdf"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(issued.document, media_type="application/pdf", headers=disposition)

    return routes


def _purposes(translate: Translate) -> tuple[tuple[Purpose, str], ...]:
    return (
        (Purpose.GENERAL, translate("For myself, or I do not know yet")),
        (Purpose.WORK, translate("For work")),
        (Purpose.STUDY, translate("For a study or course")),
        (Purpose.AUTHORITY, translate("For a public authority")),
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """One award in a list: the same words as on paper, without a line for what is unknown."""

    award_id: str
    title: Part
    institution: Part
    awarded: Part
    withdrawn: bool
    corrected: bool


def _summary(portal: Portal, record: AwardRecord, language: Language) -> Summary:
    extract = portal.holding.draft(record, language)
    lines = numbered_lines(extract, portal.pages.translate(i18n.Language(language)))
    first = {line.number: line.parts[0] for line in lines}
    return Summary(
        award_id=record.award.award_id,
        title=first[3],
        institution=first[5],
        awarded=first[6],
        withdrawn=record.award.status is AwardStatus.WITHDRAWN,
        corrected=record.award.status is AwardStatus.CORRECTED,
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What will stand on the paper, in the language of the paper."""

    award_id: str
    language: Language
    purpose: Purpose
    lines: tuple[Line, ...]
    table: ResultTable | None


def _shown(extract: Extract, pages: Pages) -> Preview:
    translate = pages.translate(i18n.Language(extract.language))
    lines = numbered_lines(extract, translate)
    if extract.number == DRAFT_NUMBER:
        lines = tuple(_without_number(line, translate) for line in lines)
    table = result_table(extract, translate)
    award_id = extract.record.award.award_id
    return Preview(award_id, extract.language, extract.purpose, lines, table)


def _without_number(line: Line, translate: Translate) -> Line:
    """Line 9 says that a number is drawn at the download; a made-up one would mislead."""
    if line.number != 9:  # noqa: PLR2004 - the document's own line
        return line
    later = Part(translate("You get it when you download"), kind=Kind.NOTE)
    return replace(line, parts=(Part(translate("New number")), later))
