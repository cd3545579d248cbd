"""From an instance to what programs of employers meet: which thread runs in which role.

Kept beside `wiring.py`, because it also needs a verifier and a room for its files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import employers.api
from bridges import ServiceKey
from checking import online_verifier
from employers.access import Access
from employers.assertions import Doorkeeper
from employers.delivery_store import SqlDeliveries
from employers.job_store import SqlJobs
from employers.jobs import KEPT
from employers.spool import Spool
from employers.store import SqlClients
from employers.submitting import Desk
from employers.webhooks import TYPE, HttpPost, Sending, Signing
from employers.working import JobRunner
from loops import SOON, Loop
from settings import ProcessRole
from verifier.sandbox import Sandbox
from verifier.verifying import Verifier
from web import logs
from wiring import Instance

SITES = frozenset({ProcessRole.ALL, ProcessRole.WEB})
KEYS = frozenset({ProcessRole.ALL, ProcessRole.SIGNER})
COUNTS_KEPT = timedelta(days=2)
TIDIED_EVERY = timedelta(minutes=5)


def desk(instance: Instance, verifier: Verifier) -> employers.api.Deps:
    """What the routes need. Jobs wait until somebody runs `working`."""
    settings, clients = instance.settings, SqlClients(instance.engine)
    jobs = SqlJobs(instance.engine)
    audiences = (settings.url, settings.url + employers.api.TOKEN_PATH)
    access = Access(Doorkeeper(clients, audiences), clients, instance.clock)
    runner = JobRunner(verifier, jobs, instance.clock, logs.report, threads=settings.job_threads)
    spool = Spool(settings.home / "spool")
    return employers.api.Deps(access, Desk(jobs, spool, runner, instance.clock))


@contextmanager
def working(instance: Instance) -> Iterator[employers.api.Deps]:
    """The desk of a serving process, with closed rooms of its own and everything beside it."""
    with ExitStack() as stack:
        rooms = stack.enter_context(Sandbox(size=instance.settings.job_threads))
        deps = desk(instance, online_verifier(instance, rooms, instance.watching.watch))
        stack.callback(deps.desk.spool.close)
        deps.desk.spool.sweep()
        stack.enter_context(deps.desk.runner)
        yield deps


@contextmanager
def beside(instance: Instance) -> Iterator[None]:
    """Webhooks and tidying: signed where the keys are, sent where the site is.

    Sending has a thread of its own: an employer who is slow to answer holds up nobody else.
    """
    deliveries = SqlDeliveries(instance.engine)
    with ExitStack() as stack:
        if instance.settings.role in SITES:
            jobs, clients = SqlJobs(instance.engine), SqlClients(instance.engine)
            post = HttpPost(local=not instance.settings.production)
            sending = Sending(deliveries, post, instance.clock)
            stack.enter_context(_loop(lambda: jobs.settle(instance.clock())))
            stack.enter_context(_loop(sending.work))
            stack.enter_context(
                _loop(
                    lambda: jobs.forget(instance.clock() - KEPT),
                    lambda: clients.forget(instance.clock() - COUNTS_KEPT),
                    every=TIDIED_EVERY,
                )
            )
        if instance.settings.role in KEYS:
            key = ServiceKey(lambda: instance.service_signer("webhook"), TYPE)
            stack.enter_context(_loop(Signing(deliveries, key).work))
        yield


def _loop(*pieces: Callable[[], object], every: timedelta = SOON) -> Loop:
    return Loop(*pieces, name="employers", report=logs.report, every=every)
