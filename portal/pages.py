"""Routes of the holder's pages. Each parses, asks one use case, and renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from credentials.downloading import DRAFT_NUMBER
from credentials.extract import Extract, Language, Purpose
from credentials.lines import Kind, Line, Part, numbered_lines
from credentials.results import ResultTable, result_table
from credentials.waiting import Wish
from portal.holding import Holding, chosen
from portal.notices import Notice, notice_of
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
        notices = _notices(portal, holding.wishes(holder.person_id), rows, lang)
        words = _purpose_words(pages, lang)
        return pages.render(
            request, "diplomas.html", diplomas=rows, notices=notices, purpose_words=words
        )

    @routes.get("/{lang}/diplomas/{award_id}")
    def diploma(request: Request, lang: Language, award_id: str, holder: Holder) -> HTMLResponse:
        summary = _summary(portal, holding.award(holder.person_id, award_id), lang)
        wishes = holding.wishes(holder.person_id, award_id)
        return pages.render(
            request,
            "diploma.html",
            diploma=summary,
            documents=holding.documents(holder.person_id, award_id),
            notices=_notices(portal, wishes, [summary], lang),
            languages=list(Language),
            purpose_words=_purpose_words(pages, lang),
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
        if issued is None:  # written down; the page about it can be reloaded as often as one likes
            return RedirectResponse(f"/{lang}/diplomas/{record.award.award_id}/waiting", 303)
        name = f"{FILE_NAMES[choice[0]]}-{issued.number}.pdf"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(issued.document, media_type="application/pdf", headers=disposition)

    _add_waiting(routes, portal)
    return routes


def _add_waiting(routes: APIRouter, portal: Portal) -> None:
    """The page about extracts that are queued, and the button that puts a notice away."""
    holding, pages = portal.holding, portal.pages

    @routes.get("/{lang}/diplomas/{award_id}/waiting")
    def waiting(request: Request, lang: Language, award_id: str, holder: Holder) -> Response:
        summary = _summary(portal, holding.award(holder.person_id, award_id), lang)
        wishes = holding.wishes(holder.person_id, award_id)
        notices = _notices(portal, wishes, [summary], lang)
        if not notices:
            return RedirectResponse(f"/{lang}/diplomas/{summary.award_id}", 303)
        return pages.render(
            request,
            "waiting.html",
            diploma=summary,
            notices=notices,
            states={notice.state for notice in notices},
            purpose_words=_purpose_words(pages, lang),
        )

    @routes.post("/{lang}/diplomas/{award_id}/waiting")
    def take_note(lang: Language, award_id: str, holder: Holder, form: CheckedForm) -> Response:
        choice = chosen(str(form.get("language", "")), str(form.get("purpose", "")))
        holding.take_note(holder.person_id, award_id, *choice)
        return RedirectResponse(f"/{lang}/diplomas", 303)


def _notices(
    portal: Portal, wishes: Sequence[Wish], diplomas: Sequence[Summary], language: Language
) -> list[Notice]:
    """What is queued or has ended, oldest first, also of a diploma that is here no longer."""
    translate = portal.pages.translate(i18n.Language(language))
    titles = {diploma.award_id: diploma.title for diploma in diplomas}
    withdrawn = {diploma.award_id for diploma in diplomas if diploma.withdrawn}
    gone = Part(translate("A diploma that is no longer here"))
    return [
        notice_of(
            wish,
            titles.get(wish.award_id, gone),
            withdrawn=wish.award_id in withdrawn,
            translate=translate,
        )
        for wish in wishes
    ]


def _purpose_words(pages: Pages, language: Language) -> dict[Purpose, str]:
    """Every purpose in words, in the order of the form."""
    translate = pages.translate(i18n.Language(language))
    return {
        Purpose.GENERAL: translate("For myself, or I do not know yet"),
        Purpose.WORK: translate("For work"),
        Purpose.STUDY: translate("For a study or course"),
        Purpose.AUTHORITY: translate("For a public authority"),
    }


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
