"""Names of clients that a registry knows as providers at the same origin.

In EMREX 1.x only providers are registered (emrex.md 2.1). Where the answer of a transfer goes
to the origin of a registered provider, the registry says who that is. A name that somebody of
ours verified stands above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from emrex.errors import RequestRefused
from emrex.exchange.clients import Client
from emrex.exchange.request import return_url
from emrex.registry.reading import Provider

MAX_NAME = 100


class RegisteredClients(Mapping[str, Client]):
    """Clients by origin: those that we verified, and those that a registry names today."""

    def __init__(
        self,
        verified: Mapping[str, Client],
        providers: Callable[[], Sequence[Provider]],
        as_of: Callable[[], datetime | None],
    ) -> None:
        self._verified = verified
        self._providers = providers
        self._as_of = as_of

    def __getitem__(self, origin: str) -> Client:
        """Who receives there; KeyError where nobody says so, or two are said to."""
        if origin in self._verified:
            return self._verified[origin]
        names = {name_of(one) for one in self._providers() if origin_of(one) == origin}
        as_of = self._as_of()
        if len(names) != 1 or as_of is None or not all(names):
            raise KeyError(origin)
        return Client({"en": names.pop()}, named_at=as_of)

    def __iter__(self) -> Iterator[str]:
        """Every origin that may have a name."""
        registered = map(origin_of, self._providers())
        return iter(dict.fromkeys([*self._verified, *filter(None, registered)]))

    def __len__(self) -> int:
        """How many origins that are."""
        return sum(1 for _ in self)


def name_of(provider: Provider) -> str:
    """The name for people, with the country; empty where the registry has none that fits."""
    name = provider.label
    if not name or len(name) > MAX_NAME:
        return ""
    return f"{name} ({provider.country})" if provider.country else name


def origin_of(provider: Provider) -> str:
    """Where it is on the open internet; empty where it is not."""
    try:
        return return_url(provider.url).origin
    except RequestRefused:
        return ""
