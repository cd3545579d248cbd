"""EMREX in the site: transfers both ways, what was shared, our entry, the validator, and 2.0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from fastapi import APIRouter

import emrex.exchange.browser.pages
import emrex.exchange.pages
import emrex.history.pages
import emrex.receiving.pages
import emrex.registry.api
import emrex.simulator.pages
import emrex.two.api
import emrex.two.describing
import emrex.two.pages
import emrex.validating.api
import emrex.validating.pages
from emrex_two_wiring import Two, forgetting_of, two_of
from emrex_wiring import (
    entry_of,
    exchange_of,
    judge,
    judge_answer,
    listed_by,
    receiving_of,
    ways_of,
)
from loops import Loop
from registry_wiring import Neighbours
from web import logs
from web.login_pages import LoginDesk
from web.templates import Pages
from wiring import Instance

TIDIED_EVERY = timedelta(minutes=1)
"""A document is to be gone ten minutes after it was handed over (emrex.md 3.2)."""


def tidying(instance: Instance) -> Loop:
    """The thread that ends what nobody goes on with, and erases and forgets, beside the site."""
    tidy, forget = exchange_of(instance).tidy, forgetting_of(instance)
    return Loop(tidy, forget, name="emrex", report=logs.report, every=TIDIED_EVERY)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What stands in the shell."""

    pages: tuple[APIRouter, ...]
    """What people see, and what registries fetch."""
    apis: tuple[APIRouter, ...]
    """What programs call."""


def rooms(instance: Instance, drawn: Pages, desk: LoginDesk, neighbours: Neighbours) -> Rooms:
    """Everything of EMREX, over one exchange.

    Raises:
        RegistryRefused: the list of clients of EMREX 2.0 cannot be used.
    """
    exchange = exchange_of(instance, neighbours.clients)
    two = two_of(instance, exchange)
    if two is not None:
        exchange = two.exchange
    judging = partial(judge, instance, lambda: neighbours.certificates)
    secure = instance.settings.url.startswith("https")
    served = ("1.0", "2.0") if two else ("1.0",)
    browser = emrex.exchange.browser.pages.Browser(exchange, drawn, ways_of(instance), secure)
    redirects = two.authorising if two else None
    transfers = emrex.exchange.pages.Deps(exchange, drawn, desk, browser, redirects)
    validator = emrex.validating.pages.Deps(drawn, judging, lambda: neighbours.registries.as_of)
    pages = (
        emrex.exchange.pages.router(transfers),
        emrex.receiving.pages.router(_fetches(instance, drawn, secure=secure)),
        emrex.history.pages.router(emrex.history.pages.Deps(exchange, drawn)),
        emrex.registry.api.router(emrex.registry.api.Deps(partial(entry_of, instance), served)),
        emrex.validating.pages.router(validator),
        *_simulator(instance, drawn),
        *(_two(two, transfers) if two else ()),
    )
    validating = emrex.validating.api.router(emrex.validating.api.Deps(judging))
    return Rooms(pages, (validating, *((emrex.two.api.router(two.api),) if two else ())))


def _fetches(instance: Instance, drawn: Pages, *, secure: bool) -> emrex.receiving.pages.Deps:
    return emrex.receiving.pages.Deps(
        receiving_of(instance),
        listed_by(instance),
        drawn,
        secure,
        instance.settings.url + emrex.receiving.pages.RETURN,
    )


def _simulator(instance: Instance, drawn: Pages) -> tuple[APIRouter, ...]:
    """In production there is nothing at its addresses."""
    if instance.settings.production:
        return ()
    judging = partial(judge_answer, instance)
    return (
        emrex.simulator.pages.router(
            emrex.simulator.pages.Deps(drawn, judging, instance.settings.url)
        ),
    )


def _two(two: Two, transfers: emrex.exchange.pages.Deps) -> tuple[APIRouter, ...]:
    """The entrance of EMREX 2.0, and what clients have to know of it."""
    return (
        emrex.two.pages.router(emrex.two.pages.Deps(two.authorising, transfers)),
        emrex.two.describing.router(two.description),
    )
