"""Logging in and out: away to the login service, back with an answer, and into a new session."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse

from web.errors import LoginRefused, NotInRegister, WebError
from web.i18n import Language
from web.login import LoginProvider, Resolve, sure_enough
from web.sessions import PendingLogin
from web.templates import Pages
from web.visit import CheckedForm, Visit, visit_of

CALLBACK = "/login/callback"
RANDOM_BYTES = 32
CLEAR = '"cache", "cookies", "storage"'


@dataclass(frozen=True, slots=True)
class LoginDesk:
    """What logging in needs: who vouches, and who in the register that is."""

    provider: LoginProvider
    resolve: Resolve
    public_url: str
    home: str = "/{lang}/diplomas"
    """Where somebody arrives after logging in."""

    def leave(self, visit: Visit, language: Language, choice: str, then: str = "") -> str:
        """The address to log in at, with state, nonce and PKCE of this visit alone."""
        pending = PendingLogin(
            state=secrets.token_urlsafe(RANDOM_BYTES),
            nonce=secrets.token_urlsafe(RANDOM_BYTES),
            verifier=secrets.token_urlsafe(RANDOM_BYTES),
            redirect_uri=self.public_url + CALLBACK,
            language=str(language),
            then=then,
        )
        address = self.provider.start(pending, choice)
        visit.await_login(pending)
        return address

    def arrive(self, visit: Visit, pending: PendingLogin, params: dict[str, str]) -> None:
        """Judge what a visitor came back with, and log them in under a new secret.

        Raises:
            LoginRefused: the answer is of another login, or does not fit.
            NotInRegister: the register does not know this person.
            LevelTooLow: the login is not sure enough.
        """
        if not hmac.compare_digest(params.get("state", "").encode(), pending.state.encode()):
            raise LoginRefused
        identity = sure_enough(self.provider.finish(params, pending))
        person_id = self.resolve(identity)
        if person_id is None:
            raise NotInRegister
        visit.sign_in(person_id, identity.level.name.lower())


def router(pages: Pages, desk: LoginDesk) -> APIRouter:
    """The login page, the way out, the way back, and logging out."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/{lang}/login")
    def explain(request: Request, lang: Language) -> HTMLResponse:  # noqa: ARG001 - bounds the path
        return pages.render(request, "login.html", choices=desk.provider.choices)

    @routes.post("/{lang}/login")
    def leave(request: Request, lang: Language, form: CheckedForm) -> RedirectResponse:
        address = desk.leave(visit_of(request), lang, str(form.get("choice", "")))
        return RedirectResponse(address, status_code=303)

    @routes.post("/{lang}/logout")
    def log_out(request: Request, lang: Language, form: CheckedForm) -> RedirectResponse:  # noqa: ARG001 - the form proves that it is ours
        visit_of(request).sign_out()
        return RedirectResponse(f"/{lang}/", 303, {"Clear-Site-Data": CLEAR})

    @routes.get(CALLBACK)
    def arrive(request: Request) -> RedirectResponse:
        visit = visit_of(request)
        pending = visit.take_login()
        if pending is None:
            raise LoginRefused
        request.state.language = Language(pending.language)
        try:
            desk.arrive(visit, pending, dict(request.query_params))
        except WebError as error:
            if not pending.then:
                raise
            return RedirectResponse(f"{pending.then}?login={error.kind}", status_code=303)
        return RedirectResponse(pending.then or desk.home.format(lang=pending.language), 303)

    return routes
