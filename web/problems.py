"""Errors as answers: problem documents for programs, pages for people (RFC 9457).

Every room has its own closed family of errors; each has a `kind`, a `status` and an
English sentence for people. This module turns any of them into an answer and is the
only one that does. An error that is of no family becomes a plain 500: its own text
may hold anything, so nothing of it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.errors import InternalFault, InvalidInput, LoginRequired, MethodNotAllowed, NotFound
from web.i18n import N_, Translate
from web.templates import Pages, language_of

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "60"
PROGRAMS = ("/api/", "/oauth/", "/oauth2/token", "/results")
"""Below these addresses nobody reads pages."""


@runtime_checkable
class FamilyError(Protocol):
    """The shape that every family of errors shares."""

    @property
    def kind(self) -> str:
        """Slug of the kind; part of the address of its page."""
        ...

    @property
    def status(self) -> int:
        """HTTP status that fits."""
        ...

    @property
    def public(self) -> str:
        """English sentence for people, without anything they sent."""
        ...


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem, for its own page. Texts are English messages to translate."""

    kind: str
    status: int
    title: str
    advice: str


# What people read where a family does not say it better.
_TITLES: Mapping[int, str] = {
    400: N_("We cannot read what you sent"),
    403: N_("You may not do that"),
    404: N_("We cannot find that"),
    409: N_("That was already done"),
    415: N_("We cannot read this kind of file"),
    422: N_("We cannot do that with this"),
    429: N_("Too many requests"),
    500: N_("Something went wrong on our side"),
    503: N_("This does not work right now"),
}
_ADVICE: Mapping[int, str] = {
    400: N_("Correct what is wrong and send it again."),
    403: N_("Log in again, or go to the start page."),
    404: N_("Check what you filled in, or go to the start page."),
    409: N_("Open the page again to see how things stand."),
    415: N_("Choose another file and try again."),
    422: N_("Open the page again and try something else."),
    429: N_("Wait a few minutes and try again."),
    500: N_("Try again in ten minutes."),
    503: N_("Try again in ten minutes. Nothing is lost."),
}


def kinds_of(*families: type[Exception]) -> Mapping[str, ProblemKind]:
    """The kinds of whole families: every class below each base, and a base of its own kind.

    A class may have a `title` and an `advice`; else its status gives them.
    """
    found = {
        kind.kind: kind
        for family in families
        for error in _leaves(family)
        if (kind := _describe(error)) is not None
    }
    return dict(sorted(found.items()))


def _leaves(error: type[Exception]) -> Iterator[type[Exception]]:
    children = error.__subclasses__()
    if not children:
        yield error
    for child in children:
        if not child.__name__.startswith("_"):  # only what its children share
            yield child
        yield from _leaves(child)


def _describe(error: type[Exception]) -> ProblemKind | None:
    kind, status = getattr(error, "kind", ""), getattr(error, "status", 500)
    title = getattr(error, "title", "") or _for_status(_TITLES, status)
    advice = getattr(error, "advice", "") or _for_status(_ADVICE, status)
    return ProblemKind(kind, status, title, advice) if kind else None


def _for_status(texts: Mapping[int, str], status: int) -> str:
    return texts.get(status) or texts[500 if status >= 500 else 400]  # noqa: PLR2004 - RFC 9110


def family_error(error: Exception) -> FamilyError:
    """The family error that people may see for any error at all."""
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return _http(error)
    return error if isinstance(error, FamilyError) else InternalFault()


def _invalid(error: RequestValidationError) -> FamilyError:
    """Places and reasons, in our own words: the library's words may quote the input."""
    faults = [(_place(fault), _reason(fault["type"])) for fault in error.errors()]
    if faults and all(place.startswith("path.") for place, _ in faults):
        return NotFound()
    return InvalidInput(tuple(dict.fromkeys(faults)))


def _place(fault: Mapping[str, Any]) -> str:
    # The name of a field that we do not know comes from outside, so it is left out.
    known = fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"]
    return ".".join(str(part) for part in known)


def _reason(rule: str) -> str:
    reasons = {
        "missing": N_("This is missing."),
        "extra_forbidden": N_("There is a field here that we do not know."),
        "json_invalid": N_("This is not valid JSON."),
    }
    return reasons.get(rule, N_("This has the wrong form."))


def _http(error: HTTPException) -> FamilyError:
    if error.status_code == 404:  # noqa: PLR2004 - RFC 9110 section 15.5.5
        return NotFound()
    if error.status_code == 405:  # noqa: PLR2004 - RFC 9110 section 15.5.6
        return MethodNotAllowed((error.headers or {}).get("Allow", ""))
    return InvalidInput() if error.status_code < 500 else InternalFault()  # noqa: PLR2004 - RFC 9110


class Problems:
    """Answers for errors, in the visitor's language."""

    def __init__(self, pages: Pages, kinds: Mapping[str, ProblemKind], public_url: str) -> None:
        self._pages = pages
        self._kinds = kinds
        self._public_url = public_url

    def respond(self, request: Request, error: FamilyError) -> Response:
        """A problem document below `/api/`, a page everywhere else."""
        if request.scope["path"].startswith(PROGRAMS):
            response: Response = self._document(request, error)
        elif isinstance(error, LoginRequired):
            response = RedirectResponse(f"/{language_of(request)}/login", status_code=303)
        else:
            response = self._page(request, error)
        response.headers.update(_extra_headers(error))
        return response

    def _kind(self, error: FamilyError) -> ProblemKind:
        described = self._kinds.get(error.kind) or _describe(type(error))  # type: ignore[arg-type]  # every family error is an Exception
        return described or ProblemKind(error.kind, error.status, _TITLES[500], _ADVICE[500])

    def _document(self, request: Request, error: FamilyError) -> Response:
        translate = self._pages.translate(language_of(request))
        document: dict[str, object] = {
            "type": self._type(error),
            "title": translate(self._kind(error).title),
            "status": error.status,
            "detail": translate(error.public),
            "instance": f"urn:echt:request:{request.state.request_id}",
        }
        if isinstance(error, InvalidInput) and error.faults:
            document["errors"] = list(_faults(error.faults, translate))
        document |= getattr(error, "members", {})  # words of a protocol beside those for people
        text = json.dumps(document, ensure_ascii=False)
        headers = {"Content-Language": str(language_of(request))}
        return Response(text, error.status, headers, MEDIA_TYPE)

    def _type(self, error: FamilyError) -> str:
        if error.kind in self._kinds:
            return f"{self._public_url}/problems/{error.kind}"
        return "about:blank"

    def _page(self, request: Request, error: FamilyError) -> Response:
        return self._pages.render(
            request, "error.html", status=error.status, problem=self._kind(error), error=error
        )


def _faults(faults: Iterable[tuple[str, str]], translate: Translate) -> Iterator[dict[str, str]]:
    return ({"field": place, "reason": translate(reason)} for place, reason in faults)


def _extra_headers(error: FamilyError) -> Mapping[str, str]:
    waiting = {"Retry-After": RETRY_AFTER_SECONDS} if error.status in {429, 503} else {}
    own: Mapping[str, str] = getattr(error, "headers", {})
    return {**waiting, **own}
