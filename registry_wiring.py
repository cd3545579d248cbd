"""Other providers of EMREX, as registries list them: who pulls, who is named, what is watched.

Without registries in the settings nothing is fetched, nobody else is known, and all of this
is empty. It belongs where the site is: the process with the keys talks to no registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

from emrex.exchange.clients import Client
from emrex.registry.fetching import HttpFetch
from emrex.registry.keeping import Shelf
from emrex.registry.naming import RegisteredClients
from emrex.registry.pulling import Pace, Registries
from emrex.registry.watching import Own, Watch
from emrex_wiring import entry_of, trusted_by, verified_by
from loops import Loop
from registries import FOLDER
from settings import RegistrySettings
from web import logs
from wiring import Instance

LOOKED_EVERY = timedelta(minutes=1)
"""How often it is seen whether a registry is due."""
CUT_OFF = timedelta(seconds=5)
"""A fetch that is going on when the process stops is safe to cut off."""
NONE = RegistrySettings.model_construct(addresses=())


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What this site knows of other providers, and of its own entry among them."""

    registries: Registries
    watch: Watch
    verified: Mapping[str, Client]
    """Clients whose name we know without a registry."""

    @property
    def clients(self) -> Mapping[str, Client]:
        """Whose name we know, by origin: those that we verified first."""
        return RegisteredClients(
            self.verified, lambda: self.registries.providers, lambda: self.registries.as_of
        )

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """Of every other provider, in DER."""
        return tuple(one for it in self.registries.providers for one in it.certificates)

    @property
    def warnings(self) -> Mapping[str, Callable[[], str]]:
        """For readiness; an outage of a registry is none of ours."""
        return {
            "registry": lambda: self.registries.warning,
            "registry-entry": lambda: self.watch.warning,
        }

    def puller(self) -> Loop:
        """The thread that fetches and watches, to run beside the site."""
        return Loop(
            self.registries.pull,
            self.watch.look,
            name="registry",
            report=logs.report,
            every=LOOKED_EVERY,
            goodbye=CUT_OFF,
        )


def neighbours_of(instance: Instance) -> Neighbours:
    """With what was kept; nothing is fetched before somebody runs the puller.

    Raises:
        RegistryRefused: the operator's file of clients cannot be used.
    """
    chosen = instance.settings.registry or NONE
    registries = Registries(
        chosen.addresses,
        Shelf(instance.settings.home / FOLDER),
        HttpFetch(),
        Pace(timedelta(seconds=chosen.every_seconds), timedelta(seconds=chosen.fresh_seconds)),
        instance.clock,
    )

    def own() -> Own:
        return Own(entry_of(instance), trusted_by(instance))

    watch = Watch(lambda: registries.listed, own, instance.clock)
    return Neighbours(registries, watch, verified_by(instance))


def beside(instance: Instance, neighbours: Neighbours) -> AbstractContextManager[object]:
    """The puller, where an operator named a registry."""
    return nullcontext() if instance.settings.registry is None else neighbours.puller()
