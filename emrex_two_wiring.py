"""What EMREX 2.0 is given: registered clients, a store of grants, and who signs results."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import emrex.two.api
from emrex.exchange.clients import Client
from emrex.exchange.exchanging import Exchange
from emrex.exchange.store import SqlTransfers
from emrex.two import describing
from emrex.two.authorising import Authorising
from emrex.two.clients import Registered, registered_in
from emrex.two.fetching import Fetching
from emrex.two.grant import KEPT
from emrex.two.ports import Grants, Signatures
from emrex.two.redeeming import Redeeming
from emrex.two.signing import AtTheSigner, Here, OfOurOwn
from emrex.two.store import SqlGrants
from emrex_wiring import IN_USE, PURPOSE, keys_in, trusted_by
from settings import ProcessRole
from wiring import Instance


@dataclass(frozen=True, slots=True)
class Two:
    """EMREX 2.0 over the transfers of an exchange."""

    instance: Instance
    exchange: Exchange
    clients: Mapping[str, Registered]
    grants: Grants

    @property
    def authorising(self) -> Authorising:
        """The way through the browser."""
        return Authorising(self.exchange, self.grants, self.clients, self.instance.settings.url)

    @property
    def api(self) -> emrex.two.api.Deps:
        """What clients call by themselves."""
        url, clock = self.instance.settings.url, self.exchange.clock
        audiences = (url, url + emrex.two.api.TOKEN_PATH)
        return emrex.two.api.Deps(
            Redeeming(self.grants, self.clients, audiences, clock),
            Fetching(self.grants, self.exchange.transfers, self.clients, clock),
            _signatures(self.instance),
        )

    @property
    def description(self) -> describing.Deps:
        """What clients have to know."""
        return describing.Deps(self.instance.settings.url, partial(keys_in, self.instance, IN_USE))


def two_of(instance: Instance, exchange: Exchange) -> Two | None:
    """EMREX 2.0, where it is set up.

    Raises:
        RegistryRefused: the list of clients cannot be used.
    """
    wanted = instance.settings.emrex2
    if wanted is None:
        return None
    listed = wanted.clients_file.read_bytes()
    clients = registered_in(listed, local=not instance.settings.production)
    named = {one.redirect.origin: one.who for one in clients.values()}
    exchange = replace(
        exchange, clients=ChainMap(named, cast("MutableMapping[str, Client]", exchange.clients))
    )
    return Two(instance, exchange, clients, SqlGrants(instance.engine))


def forgetting_of(instance: Instance) -> Callable[[], int]:
    """What removes grants and assertions that are over, also after 2.0 was switched off."""
    grants = SqlGrants(instance.engine)
    return lambda: grants.forget(instance.clock() - KEPT)


def _signatures(instance: Instance) -> Signatures:
    """Made here, or by the signer where this process may not open a key."""
    if instance.settings.role is ProcessRole.WEB:
        return AtTheSigner(instance.remote.line)
    return _here(instance)


def _here(instance: Instance) -> Here:
    return Here(partial(instance.service_signer, PURPOSE), instance.clock)


def signing_of(instance: Instance) -> OfOurOwn:
    """What the signer does for EMREX 2.0."""
    ours = partial(trusted_by, instance)  # one that was retired may have signed a minute ago
    return OfOurOwn(SqlTransfers(instance.engine), ours, _here(instance))
