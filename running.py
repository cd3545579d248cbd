"""A process that serves: which role it has, what runs beside it, and how it stops."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import NoReturn

import typer
import uvicorn
from fastapi import FastAPI

import employers.api
import employing
import emrex_rooms
import registry_wiring
import serving
import signer
from checking import lone_verifier, online_verifier
from credentials.bulk.workers import serve_queue
from credentials.turns import Turns
from index_wiring import IndexedVerifier
from loops import Loop
from registry_wiring import neighbours_of
from settings import ProcessRole, Settings
from verifier.sandbox import Sandbox
from watch_wiring import telling
from web import logs
from wiring import Instance

COULD_NOT = 3


def serve(settings: Settings, role: ProcessRole) -> None:
    """Serve one role until stopped. The role decides what the process may open.

    Raises:
        typer.Exit: the port is taken, or there is no queue for a worker.
    """
    signal.signal(signal.SIGTERM, _leave)
    instance = Instance(settings.model_copy(update={"role": role}))
    try:
        with _beside(instance), _word(instance):
            _SERVE.get(role, _serve_site)(instance)
    finally:
        instance.close()


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """Leave through every `finally`: the server raises the signal again when it has stopped."""
    raise SystemExit(0)


def _beside(instance: Instance) -> AbstractContextManager[object]:
    """The thread that serves the queue of downloads; it belongs where documents are sealed."""
    if instance.settings.role in (ProcessRole.ALL, ProcessRole.SIGNER):
        return Loop(Turns(instance.work), name="waiting downloads", report=logs.report)
    return nullcontext()


@contextmanager
def _verifier_site(instance: Instance, sandbox: Sandbox) -> Iterator[FastAPI]:
    """A verifier alone, with the thread that pulls its index where it has one."""
    settings = instance.settings
    if settings.index is None:
        checks = lone_verifier(settings, sandbox)
        yield serving.verifier_site(instance, checks, load=sandbox.load)
        return
    indexed = IndexedVerifier(settings, settings.index, instance.clock)
    with indexed.puller(), telling(indexed.watch):
        checks = indexed.verifier(sandbox)
        yield serving.verifier_site(
            instance,
            checks,
            indexed.buckets(),
            fresh=indexed.fresh,
            load=sandbox.load,
            warnings={"index": indexed.worth},
        )


def _word(instance: Instance) -> AbstractContextManager[object]:
    """The thread with word for employers; a lone verifier has none to give."""
    if instance.settings.role in employing.SITES | employing.KEYS:
        return employing.beside(instance)
    return nullcontext()


def _serve_site(instance: Instance) -> None:
    settings = instance.settings
    with (
        listening(settings.host, settings.port) as listener,
        Sandbox() as sandbox,
        _programs(instance) as programs,
        _site(instance, sandbox, programs) as site,
    ):
        config = uvicorn.Config(
            site,
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=list(settings.trusted_proxies),
            timeout_graceful_shutdown=10,
            limit_concurrency=1_000,  # a proxy in front ends slow and idle connections
        )
        uvicorn.Server(config).run(sockets=[listener])


def _programs(instance: Instance) -> AbstractContextManager[employers.api.Deps | None]:
    """What employers' programs meet; it needs a database, which a lone verifier has not."""
    if instance.settings.role is ProcessRole.VERIFIER:
        return nullcontext()
    return employing.working(instance)


@contextmanager
def _site(
    instance: Instance, sandbox: Sandbox, programs: employers.api.Deps | None
) -> Iterator[FastAPI]:
    """The pages of this role. What a crash left open is closed before the first visitor."""
    if instance.settings.role is ProcessRole.VERIFIER:
        with _verifier_site(instance, sandbox) as site:
            yield site
        return
    if instance.settings.role is ProcessRole.ALL:
        instance.take_up()
    watch, neighbours = instance.watching.watch, neighbours_of(instance)
    checks = online_verifier(instance, sandbox, watch)
    beside = registry_wiring.beside(instance, neighbours)
    with telling(watch), beside, emrex_rooms.tidying(instance):
        yield serving.whole_site(
            instance, checks, load=sandbox.load, programs=programs, neighbours=neighbours
        )


def _serve_queue(instance: Instance) -> None:
    """Issue chunks of cohorts until stopped; one process for each core."""
    if instance.engine.dialect.name != "postgresql":
        typer.echo("A worker takes its work from PostgreSQL: set ECHT_DATABASE_URL.", err=True)
        raise typer.Exit(COULD_NOT)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # the ledger says it better
    serve_queue(instance.bulk)


_SERVE = {ProcessRole.SIGNER: signer.serve, ProcessRole.WORKER: _serve_queue}


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The door of the site, or one clear line when it is taken."""
    # asyncio sends without delay only where the protocol is named: else the second part of an
    # answer waits for the client to acknowledge the first, which it puts off for 40 ms.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as cause:
            typer.echo(
                f"Port {port} cannot be used ({cause.strerror}). Choose one with --port.", err=True
            )
            raise typer.Exit(COULD_NOT) from cause
        yield listener
