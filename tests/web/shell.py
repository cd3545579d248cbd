"""The shell as the tests build it: real sessions in memory, a real clock that tests can move."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, FastAPI, Request
from httpx2 import Response
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse, JSONResponse
from starlette.responses import Response as Answer
from starlette.testclient import TestClient

from web import login_pages
from web.app import Shell, create_app
from web.errors import WebError
from web.guarding.guard import Guarding
from web.i18n import Language, translations
from web.login import Identity, LoginProvider
from web.personas import Persona, PersonaProvider
from web.problems import kinds_of
from web.sessions import MemorySessions, Sessions, SessionStore
from web.templates import Pages, Site
from web.visit import CheckedForm, Holder, visit_of

CANARY_BSN = "999990019"
CANARY_NAME = "Canary-Zwanenveld"
ERRAND, BACK = "/{lang}/errand", "/en/errand/1"
PUBLIC_URL = "https://testserver"
SITE = Site(
    address="echt.voorbeeld.nl",
    words={
        Language.NL: "echt punt voorbeeld punt nl",
        Language.EN: "echt dot voorbeeld dot nl",
        Language.DE: "echt Punkt voorbeeld Punkt nl",
    },
    contact="mailto:vragen@echt.voorbeeld.nl",
    operator="Stichting Voorbeeld",
)
PERSONAS = (
    Persona("noor", "Noor van den Berg", CANARY_BSN),
    Persona("nobody", "Somebody without diplomas", "999990020"),
)
PEOPLE = {CANARY_BSN: "person-1"}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: int) -> None:
        self.now += timedelta(**amount)


class Order(BaseModel):
    """A body with a limit on what it takes."""

    model_config = ConfigDict(extra="forbid")
    number: int
    colour: str


class Unspeakable(Exception):
    """An error of no family, with personal data in its text."""


def resolve(identity: Identity) -> str | None:
    """What the register does: a number in, a random id out."""
    return PEOPLE.get(identity.number)


def _probe_api() -> APIRouter:
    routes = APIRouter(prefix="/api/v1")

    @routes.post("/orders")
    def order(body: Annotated[Order, Body()]) -> dict[str, int]:
        return {"number": body.number}

    @routes.get("/orders/{number}")
    def one(number: int) -> dict[str, int]:
        return {"number": number}

    @routes.get("/broken")
    def broken() -> None:
        raise Unspeakable(f"{CANARY_NAME} {CANARY_BSN}")

    return routes


def _probe_pages(pages: Pages) -> APIRouter:
    routes = APIRouter()

    @routes.get("/{lang}/diplomas")
    def diplomas(lang: Language, holder: Holder) -> HTMLResponse:
        return HTMLResponse(f"<p>{lang} {holder.person_id} {holder.level}</p>")

    @routes.post("/{lang}/diplomas")
    def change(lang: Language, form: CheckedForm) -> JSONResponse:
        return JSONResponse({"lang": lang, "said": str(form.get("said"))})

    @routes.post("/{lang}/verify")
    async def upload(lang: Language, request: Request) -> JSONResponse:
        async with request.form() as form:
            return JSONResponse({"lang": lang, "fields": len(form)})

    @routes.get("/{lang}/broken")
    def broken(lang: Language) -> None:
        raise Unspeakable(f"{lang} {CANARY_NAME} {CANARY_BSN}")

    @routes.get("/{lang}/page")
    def page(request: Request, lang: Language) -> HTMLResponse:  # noqa: ARG001 - bounds the path
        return pages.render(request, "contact.html")

    return routes


def _probe_errand(desk: login_pages.LoginDesk) -> APIRouter:
    """Something that asks for a login of its own, as a transfer does."""
    routes = APIRouter()

    @routes.post(ERRAND)
    def leave(request: Request, lang: Language, form: CheckedForm) -> Answer:
        return desk.leave_and_return(visit_of(request), lang, str(form.get("choice", "")), BACK)

    return routes


@functools.cache
def _pages() -> Pages:
    """Read once: pages have no state."""
    return Pages(SITE, translations())


def build_app(
    clock: Callable[[], datetime],
    *,
    provider: LoginProvider | None = None,
    store: SessionStore | None = None,
    public_url: str = PUBLIC_URL,
    secure: bool = True,
    checks: Mapping[str, Callable[[], None]] | None = None,
    warnings: Mapping[str, Callable[[], str]] | None = None,
    more: Sequence[APIRouter] = (),
    families: Sequence[type[Exception]] = (WebError,),
    guarding: Guarding | None = None,
) -> FastAPI:
    """The whole shell around a few pages that do what the rooms' pages do."""
    chosen = provider or PersonaProvider(PERSONAS, production=False)
    pages = _pages()
    desk = login_pages.LoginDesk(chosen, resolve, public_url, clock)
    shell = Shell(
        site=SITE,
        pages=pages,
        sessions=Sessions(store or MemorySessions(), clock=clock),
        kinds=kinds_of(*families),
        clock=clock,
        public_url=public_url,
        version="1.0.0",
        secure_cookies=secure,
        form_targets=chosen.origins,
        checks=checks or {},
        warnings=warnings or {},
        guarding=guarding,
    )
    return create_app(
        shell,
        [login_pages.router(pages, desk), _probe_pages(pages), _probe_errand(desk), *more],
        [_probe_api()],
    )


def browser(app: FastAPI, **more: Any) -> TestClient:
    """A visitor: https, no redirects followed, our errors as answers."""
    return TestClient(
        app,
        base_url=PUBLIC_URL,
        follow_redirects=False,
        headers={"Accept-Language": "en", "Sec-Fetch-Site": "same-origin"},
        **more,
    )


def token_in(page: str) -> str:
    """The hidden value of the first form on a page."""
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', page)
    assert found is not None, page
    return found.group(1)


def log_in(visitor: TestClient, choice: str = "noor") -> Response:
    """Press the button as a persona and come back; the last answer."""
    token = token_in(visitor.get("/en/login").text)
    away = visitor.post("/en/login", data={"form_token": token, "choice": choice})
    return visitor.get(away.headers["location"].removeprefix(PUBLIC_URL))
