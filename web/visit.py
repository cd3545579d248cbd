"""One request's view of its session: read when asked for, never on pages that do not ask.

The cookie is set and read here and nowhere else. Looking a session up is a database
call, so it happens in the thread of the page that needs it; a static file or an API
call costs nothing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Annotated

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.errors import FormExpired, LoginRequired, SessionsUnavailable
from web.sessions import PendingLogin, Session, Sessions, form_token

FORM_FIELD = "form_token"
MAX_FIELDS = 50
_MAX_SECRET = 64


def cookie_name(*, secure: bool) -> str:
    """`__Host-` binds the cookie to this host and to https; plain http cannot have it."""
    return "__Host-echt" if secure else "echt"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is logged in, by the register's own random id."""

    person_id: str
    level: str


class Visit:
    """The session of one request."""

    def __init__(self, sessions: Sessions, secret: str) -> None:
        self._sessions = sessions
        self._secret = secret
        self._session: Session | None = None
        self._looked = not secret
        self._is_away = False
        self.cookie: str | None = None
        """A new value for the cookie, empty to delete it, None to leave it."""

    @property
    def has_secret(self) -> bool:
        """Whether one came with the request or was made for it: without, a page holds no token."""
        return bool(self._secret)

    @property
    def session(self) -> Session | None:
        """The living session, looked up once; a store that is away is not waited for twice.

        Raises:
            SessionsUnavailable: the store of sessions cannot be reached.
        """
        if self._is_away:
            raise SessionsUnavailable
        if not self._looked:
            self._session, self._looked = self._look(), True
        return self._session

    def _look(self) -> Session | None:
        try:
            return self._sessions.resume(self._secret)
        except SessionsUnavailable:
            self._is_away = True
            raise

    @property
    def signed_in(self) -> SignedIn | None:
        """Who is logged in, or None."""
        found = self.session
        return SignedIn(found.user_ref, found.level) if found and found.user_ref else None

    def token(self) -> str:
        """The hidden value of this session's forms; a visitor without a session gets one."""
        if self.session is None:
            self._become(*self._sessions.begin())
        return form_token(self._secret)

    def check(self, token: object) -> None:
        """Compare the hidden value of a posted form.

        Raises:
            FormExpired: the form belongs to no session, or to another one.
        """
        if self.session is None or not isinstance(token, str):
            raise FormExpired
        if not hmac.compare_digest(token.encode(), form_token(self._secret).encode()):
            raise FormExpired

    def await_login(self, pending: PendingLogin) -> None:
        """Remember that this visitor was sent away to log in."""
        if self.session is None:
            self._become(*self._sessions.begin())
        if self._session is not None:
            self._sessions.await_login(self._session, pending)

    def take_login(self) -> PendingLogin | None:
        """The login this visitor was sent away for, once."""
        return self._sessions.take_login(self.session) if self.session else None

    def sign_in(self, person_id: str, level: str) -> None:
        """Start this person's session under a new secret."""
        self._become(*self._sessions.sign_in(self.session, person_id, level))

    def sign_out(self) -> None:
        """End the session here and on the server."""
        if self.session is not None:
            self._sessions.end(self.session)
        self._session, self._secret, self.cookie = None, "", ""

    def _become(self, secret: str, session: Session) -> None:
        self._secret, self._session, self._looked = secret, session, True
        self.cookie = secret


class VisitMiddleware:
    """Hands every request its `Visit` and writes the cookie when that changed."""

    def __init__(self, app: ASGIApp, sessions: Sessions, *, secure: bool) -> None:
        self._app = app
        self._sessions = sessions
        self._secure = secure
        self._name = cookie_name(secure=secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = Visit(self._sessions, self._secret(Headers(scope=scope)))
        scope.setdefault("state", {})["visit"] = visit

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and visit.cookie is not None:
                MutableHeaders(scope=message).append("set-cookie", self._write(visit.cookie))
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _secret(self, headers: Headers) -> str:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self._name)
        except CookieError:
            return ""
        return found.value if found and len(found.value) <= _MAX_SECRET else ""

    def _write(self, value: str) -> str:
        attributes = ["Path=/", "HttpOnly", "SameSite=Lax"]
        attributes += ["Secure"] if self._secure else []
        attributes += [] if value else ["Max-Age=0"]
        return "; ".join([f"{self._name}={value}", *attributes])


def visit_of(request: Request) -> Visit:
    """The visit that belongs to a request."""
    visit: Visit = request.state.visit
    return visit


def signed_in(request: Request) -> SignedIn:
    """Dependency of every page of one person.

    Raises:
        LoginRequired: nobody is logged in; the page turns into the login page.
        SessionsUnavailable: the store of sessions cannot be reached.
    """
    found = visit_of(request).signed_in
    if found is None:
        raise LoginRequired
    return found


async def checked_form(request: Request) -> FormData:
    """Dependency of every form that changes something: its fields, after the token fits.

    Raises:
        FormExpired: the token is of another session, or absent.
    """
    try:
        form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    except (UnicodeError, LookupError) as cause:  # a charset that nobody has, or lies about
        raise FormExpired from cause
    await run_in_threadpool(visit_of(request).check, form.get(FORM_FIELD))
    return form


Holder = Annotated[SignedIn, Depends(signed_in)]
CheckedForm = Annotated[FormData, Depends(checked_form)]
