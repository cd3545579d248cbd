"""From an instance to a site: which rooms stand in the shell, for which role."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI

import employers.api
import employing
import emrex.exchange.request
import emrex.receiving.answer
import emrex.receiving.pages
import emrex.simulator.pages
import emrex.validating.api
import emrex.validating.pages
import emrex_rooms
import guards
import portal.pages
import published
import verifier.api
import verifier.bucket_api
import verifier.pages
import verifier.receipts.api
import verifier.receipts.pages
import web.static
from bridges import LedgerBuckets
from checking import lone_receipts, online_receipts
from credentials.errors import CredentialError
from credentials.standing import Mark
from employers.errors import EmployerError
from employers.jobs import MAX_BYTES
from employers.upload import ROOM_AROUND
from emrex.errors import EmrexError
from emrex.validating.upload import MAX_BYTES as MAX_ELMO
from keys.errors import KeysError
from portal.errors import PortalError
from portal.holding import Holding
from register.errors import RegisterError, RegisterUnavailable
from register.national_numbers import NumberKind
from register.synthetic.personas import PERSONAS
from registry_wiring import Neighbours, neighbours_of
from settings import OidcSettings, Settings
from storage.errors import StorageUnavailable
from verifier.buckets import FRESH, Buckets
from verifier.errors import VerifierError
from verifier.receipts.desk import Receipts
from verifier.verifying import Verifier
from web import i18n
from web.app import Shell, create_app
from web.errors import LoginUnavailable, WebError
from web.health import Warn
from web.login import Identity, Level, LoginProvider
from web.login_pages import LoginDesk
from web.login_pages import router as login_router
from web.oidc import Oidc, OidcConfig
from web.personas import Persona, PersonaProvider
from web.problems import kinds_of
from web.sessions import MemorySessions, Sessions
from web.static import StaticTree
from web.store import SqlSessions
from web.templates import Pages, Site
from wiring import ADDRESS_WORDS, Instance

API_VERSION = "1.0.0"
FAMILIES = (
    WebError,
    CredentialError,
    EmployerError,
    EmrexError,
    KeysError,
    PortalError,
    RegisterError,
    StorageUnavailable,
    VerifierError,
)
KINDS = kinds_of(*FAMILIES)
LARGER = {
    employers.api.JOBS_PATH: MAX_BYTES + ROOM_AROUND,
    emrex.validating.pages.VALIDATE: MAX_ELMO,
    emrex.validating.api.VALIDATIONS: MAX_ELMO,
    emrex.receiving.pages.RETURN: emrex.receiving.answer.MAX_BODY,
    emrex.simulator.pages.RETURN: emrex.receiving.answer.MAX_BODY,
}
OPEN_TO_ALL = (emrex.exchange.request.INIT, emrex.receiving.pages.RETURN)
"""Where the forms of clients and of providers arrive."""
ROOM_FOLDERS = tuple(Path(one.__path__[0]) for one in (portal, verifier, emrex, emrex.receiving))


Load = Callable[[], float]


def idle() -> float:
    """The load of a house where nobody waits."""
    return 0.0


def whole_site(  # noqa: PLR0913 - what runs beside it is given
    instance: Instance,
    verifier_: Verifier,
    login: LoginProvider | None = None,
    *,
    load: Load = idle,
    programs: employers.api.Deps | None = None,
    neighbours: Neighbours | None = None,
) -> FastAPI:
    """Role `all`: the holder's pages, the verifier, employers' programs, and the trust list.

    `load` is the part of the line for a closed room that is taken. Without `programs`, jobs
    are taken in and nobody works on them: enough for a description. Without `neighbours`,
    registries of EMREX are known as they were last kept.
    """
    neighbours = neighbours or neighbours_of(instance)
    pages, login = _pages(instance.settings), login or _login(instance)
    receipts = online_receipts(instance, instance.watching.watch)
    checks = verifier.pages.Deps(verifier_, pages, _site(instance.settings), receipts)
    desk = LoginDesk(login, _resolver(instance), instance.settings.url, instance.clock)
    emrex_ = emrex_rooms.rooms(instance, pages, desk, neighbours)
    deps = programs or employing.desk(instance, verifier_)
    rooms = (
        login_router(pages, desk),
        portal.pages.router(portal.pages.Portal(_holding(instance), pages)),
        *_checking_pages(checks, receipts),
        *emrex_.pages,
        *_published(instance),
    )
    apis = (
        *_checking_apis(checks, receipts, _buckets(instance)),
        employers.api.router(deps),
        employers.api.oauth_router(deps),
        *emrex_.apis,
    )
    return create_app(_whole_shell(instance, pages, login, load, neighbours), rooms, apis)


def _whole_shell(
    instance: Instance, pages: Pages, login: LoginProvider, load: Load, neighbours: Neighbours
) -> Shell:
    """With a database behind it, and forms that go to other sites and come from them."""
    sessions = Sessions(SqlSessions(instance.engine), clock=instance.clock)
    return replace(
        _shell(instance, pages, sessions, load),
        form_targets=login.origins,
        checks={
            "database": instance.ping,
            "key": instance.check_sealing,
            "archive": instance.check_archive,
        },
        warnings=neighbours.warnings if instance.settings.registry else {},
        larger=LARGER,
        open_to_all=OPEN_TO_ALL,
    )


def _holding(instance: Instance) -> Holding:
    return Holding(
        instance.register,
        instance.waiting,
        instance.ledger,
        instance.statuses,
        instance.clock,
    )


def _published(instance: Instance) -> Iterable[APIRouter]:
    """What programs read that know nothing of us."""
    yield published.trust_files(instance.trust_folder)
    yield published.revocation(instance.keyring.published_revocation)
    if instance.settings.publish_index:
        yield published.index_files(instance.settings.published_index)


def verifier_site(  # noqa: PLR0913 - what runs beside it is given
    instance: Instance,
    verifier_: Verifier,
    buckets: verifier.bucket_api.Deps | None = None,
    *,
    fresh: timedelta = FRESH,
    load: Load = idle,
    warnings: Mapping[str, Warn] | None = None,
) -> FastAPI:
    """Role `verifier`: no database and no key, only the trust list, and an index if it has one."""
    settings = instance.settings
    pages, receipts = _pages(settings, fresh), lone_receipts(settings)
    sessions = Sessions(MemorySessions(), clock=instance.clock)
    shell = replace(_shell(instance, pages, sessions, load), warnings=warnings or {})
    checks = verifier.pages.Deps(verifier_, pages, _site(settings), receipts)
    rooms = (
        *_checking_pages(checks, receipts),
        published.trust_files(instance.trust_folder),
    )
    apis = _checking_apis(checks, receipts, buckets or verifier.bucket_api.Deps())
    return create_app(shell, rooms, apis)


def _buckets(instance: Instance) -> verifier.bucket_api.Deps:
    """Buckets over this instance's own ledger and register."""
    files, numbers = (
        Buckets(LedgerBuckets(instance.watching.standings, mark, instance.clock), instance.clock)
        for mark in (Mark.FILE, Mark.NUMBER)
    )
    return verifier.bucket_api.Deps(files, numbers)


def _checking_pages(checks: verifier.pages.Deps, receipts: Receipts) -> tuple[APIRouter, ...]:
    desk = verifier.receipts.pages.Deps(receipts, checks.pages)
    return (verifier.pages.router(checks), verifier.receipts.pages.router(desk))


def _checking_apis(
    checks: verifier.pages.Deps, receipts: Receipts, buckets: verifier.bucket_api.Deps
) -> tuple[APIRouter, ...]:
    asked = checks.verifier
    return (
        verifier.api.router(verifier.api.Deps(asked)),
        verifier.pages.record_api(checks),
        verifier.bucket_api.router(buckets),
        verifier.receipts.api.router(verifier.receipts.api.Deps(asked, receipts)),
    )


def _site(settings: Settings) -> Site:
    return Site(
        address=settings.address,
        words={i18n.Language(language): text for language, text in ADDRESS_WORDS.items()},
        contact=settings.contact,
        operator=settings.issuer,
        demo=not settings.production,
        also_at="" if settings.production else urlsplit(settings.url).netloc,
    )


def _pages(settings: Settings, fresh: timedelta = FRESH) -> Pages:
    return Pages(
        _site(settings),
        i18n.translations(),
        folders=tuple(folder / "templates" for folder in ROOM_FOLDERS),
        static=StaticTree(
            (web.static.OWN, *(folder / "static" for folder in ROOM_FOLDERS)),
            joined=(*web.static.JOINED, *verifier.pages.JOINED),
        ),
        known=verifier.pages.known(fresh),
    )


def _shell(instance: Instance, pages: Pages, sessions: Sessions, load: Load) -> Shell:
    settings = instance.settings
    return Shell(
        site=_site(settings),
        pages=pages,
        sessions=sessions,
        kinds=KINDS,
        clock=instance.clock,
        public_url=settings.url,
        version=API_VERSION,
        secure_cookies=settings.url.startswith("https"),
        guarding=guards.guarding(settings, load),
    )


def _login(instance: Instance) -> LoginProvider:
    settings = instance.settings
    if settings.oidc is not None:
        return Oidc(_oidc(settings.oidc), clock=instance.clock)
    people = tuple(Persona(one.key, one.label, one.bsn) for one in PERSONAS)
    return PersonaProvider(people, production=settings.production)


def _oidc(settings: OidcSettings) -> OidcConfig:
    levels = {acr: Level[name.upper()] for acr, name in settings.levels.items()}
    return OidcConfig(
        issuer=settings.issuer,
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        levels=levels,
        number_claim=settings.number_claim,
    )


def _resolver(instance: Instance) -> Callable[[Identity], str | None]:
    """The one place where a national number becomes the register's own random id."""

    def resolve(identity: Identity) -> str | None:
        kind = NumberKind(identity.number_kind)
        try:
            return instance.register.person_by_number(kind, identity.number)
        except (RegisterUnavailable, StorageUnavailable) as cause:
            raise LoginUnavailable from cause  # whatever the login was for hears of it

    return resolve
