"""Pages: one environment for the templates of all rooms, strict and escaped.

A room passes the folder of its own templates; they extend `base.html` of this room.
A name that a template does not get is an error, never an empty place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

from babel.support import NullTranslations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from web.errors import SessionsUnavailable
from web.i18n import NAMES, Language, Translate, long_date, long_moment, negotiate
from web.static import StaticTree
from web.visit import FORM_FIELD, Visit

OWN = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class Site:
    """How this service is called and reached."""

    address: str
    """`echt.voorbeeld.nl`: what the address bar must say."""
    words: Mapping[Language, str]
    """The address as people say it: "echt punt voorbeeld punt nl"."""
    contact: str
    """An address for questions, as a mailto: or https: link."""
    operator: str
    """Who runs the service and answers for the personal data in it."""
    demo: bool = False
    """Whether every page says that the people in it do not exist."""
    also_at: str = ""
    """A second host that is ours, as `127.0.0.1:8000` is while the service is shown or tested."""


class Pages:
    """Renders templates for a request, in the language of its path."""

    def __init__(
        self,
        site: Site,
        catalogues: Mapping[Language, NullTranslations],
        *,
        folders: Iterable[Path] = (),
        static: StaticTree | None = None,
        known: Mapping[str, object] | None = None,
    ) -> None:
        """Read the templates of the shell and of these folders; `known` is what all may name."""
        self.static = static or StaticTree()
        self._catalogues = catalogues
        self._environments = {
            language: _environment((OWN, *folders), catalogues[language], language)
            for language in Language
        }
        for environment in self._environments.values():
            environment.globals |= {
                "site": site,
                "static": self.static.url,
                "release": self.static.version,
                "names": NAMES,
                **(known or {}),
            }

    def translate(self, language: Language) -> Translate:
        """The function that turns an English message into that language."""
        return self._catalogues[language].gettext

    def render(
        self, request: Request, template: str, *, status: int = 200, **context: object
    ) -> HTMLResponse:
        """One page. Every template also gets what the shell around it needs.

        Raises:
            SessionsUnavailable: the page has a form, and no session can be kept.
        """
        language = language_of(request)
        page = self._environments[language].get_template(template)
        text = page.render(**_shell(request, language, status), **context)
        return HTMLResponse(text, status, {"Content-Language": str(language)})


def _environment(
    folders: Iterable[Path], catalogue: NullTranslations, language: Language
) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    # Installed by the extension above; the library's own stub does not know it.
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["date"] = partial(_date, language)
    environment.filters["moment"] = partial(_moment, language)
    return environment


def _date(language: Language, day: date) -> str:
    return long_date(day, language)


def _moment(language: Language, moment: datetime) -> str:
    return long_moment(moment, language)


def _shell(request: Request, language: Language, status: int) -> dict[str, object]:
    visit: Visit | None = getattr(request.state, "visit", None)
    return {
        "request_id": getattr(request.state, "request_id", ""),
        "lang": language,
        "here": _without_language(request.scope["path"], status),
        "signed_in": _signed_in(visit),
        "form_token": visit.token if visit else str,
        "form_field": FORM_FIELD,
    }


def _signed_in(visit: Visit | None) -> bool:
    """Whether to offer logging out. A database that is gone must not hide the page that says so."""
    try:
        return visit is not None and visit.signed_in is not None
    except SessionsUnavailable:
        return False


def _without_language(path: str, status: int) -> str:
    """The rest of the path, which is the same in every language; a page with an error has none."""
    parts = path.split("/", 2)
    known = len(parts) > 2 and parts[1] in set(Language)  # noqa: PLR2004 - "", language, rest
    return quote(parts[2]) if known and status < 400 else ""  # noqa: PLR2004 - RFC 9110


def language_of(request: Request) -> Language:
    """The language in the path, else the one a page chose, else the browser's, else Dutch."""
    first = request.scope["path"].removeprefix("/").partition("/")[0]
    if first in set(Language):
        return Language(first)
    chosen: Language | None = getattr(request.state, "language", None)
    return chosen or negotiate(request.headers.get("accept-language", ""))
