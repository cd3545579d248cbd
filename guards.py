"""Which parts the site has, how often one client may ask for each, and how they are closed."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import ip_network

import emrex.two.api
from employers.api import JOBS_PATH, TOKEN_PATH
from emrex.exchange.request import INIT
from emrex.two.pages import AUTHORIZE
from emrex.validating.api import VALIDATIONS
from settings import Settings
from web.guarding.allowances import Allowance
from web.guarding.guard import Guarding, Rule, parts
from web.guarding.switches import Switches
from web.guarding.work import ProofOfWork

LANG = "/{lang}"
FILES = Allowance(burst=20, per_minute=20)
"""One person with one pile of applications; employers with more have an interface."""
HOLDERS = Allowance(burst=120, per_minute=60)
"""A class of graduates behind the one address of their school."""
PAGES = Allowance(burst=120, per_minute=240)
CHECKS = (LANG + "/verify", "/api/v1/verifications", "/api/v1/receipts")
"""Where a whole file may come in and a closed room opens for it."""
BUCKETS = tuple(
    f"/api/v1/{kind}-buckets{rest}" for kind in ("hash", "status") for rest in ("", "/{prefix}")
)
SHARED = (LANG + "/emrex/receipts", LANG + "/emrex/receipts/{rest:path}")
CLIENT = (LANG + "/emrex/client", LANG + "/emrex/client/{rest:path}", "/emrex/client/return")
RECEIPTS = (LANG + "/receipt", LANG + "/receipt/file", "/api/v1/receipts/_check")
RULES = (
    Rule("check", "POST", CHECKS, FILES, costs_work=True),
    Rule("record", "POST", ("/api/v1/verifications/_render",), FILES),
    Rule("buckets", "GET", BUCKETS, PAGES),
    Rule("receipts", "POST", RECEIPTS, PAGES),
    Rule("programs", "POST", (TOKEN_PATH, JOBS_PATH), PAGES),
    Rule("programs", "GET", (JOBS_PATH + "/{job}",), PAGES),
    Rule("login", "POST", (LANG + "/login",), HOLDERS),
    Rule("login", "GET", (LANG + "/login", "/login/callback"), HOLDERS),
    Rule(
        "emrex",
        "POST",
        (INIT, *(LANG + f"/emrex/{one}/{{rest:path}}" for one in ("t", "receipts"))),
        HOLDERS,
    ),
    Rule("emrex", "GET", (LANG + "/emrex/t/{rest:path}", *SHARED), PAGES),
    Rule("emrex", "POST", (LANG + "/emrex/validate", VALIDATIONS), FILES),
    Rule("emrex", "POST", CLIENT, HOLDERS),
    Rule("emrex", "GET", CLIENT, PAGES),
    Rule("emrex", "GET", (AUTHORIZE,), HOLDERS),
    Rule("emrex", "POST", (emrex.two.api.TOKEN_PATH,), PAGES),
    Rule("emrex", "GET", (emrex.two.api.RESULTS,), PAGES),
    Rule("diplomas", "GET", (LANG + "/diplomas", LANG + "/diplomas/{rest:path}"), PAGES),
    Rule("diplomas", "POST", (LANG + "/diplomas/{rest:path}",), HOLDERS),
)
"""The first one that fits counts; what none names is only pages that cost nothing."""


def switches(settings: Settings, clock: Callable[[], float] = time.monotonic) -> Switches:
    """The switches of one instance, for the site and for the command line."""
    return Switches(settings.home / "closed", parts(RULES), clock)


def guarding(
    settings: Settings, load: Callable[[], float], clock: Callable[[], float] = time.monotonic
) -> Guarding:
    """The guard of one process. `load` is the part of the closed rooms' line that is taken."""
    return Guarding(
        rules=RULES,
        switches=switches(settings, clock),
        work=ProofOfWork(load, time.time),
        clock=clock,
        unlimited=tuple(map(ip_network, settings.unlimited_clients)),
    )
