"""Registries of EMREX as they were last kept: for whoever needs to know and fetches nothing.

Kept light on purpose: a check of anything but XML must not wait for a reader of registries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from emrex.receiving.listing import Kept
    from verifier.ports import Provider

FOLDER = "registry"


def kept_by(settings: Settings) -> Kept:
    """Who is listed by the registries that the operator named."""
    from emrex.receiving.listing import Kept  # noqa: PLC0415 - see above
    from emrex.registry.keeping import Shelf  # noqa: PLC0415

    addresses = settings.registry.addresses if settings.registry else ()
    return Kept(Shelf(settings.home / FOLDER), addresses, local=not settings.production)


def providers_of(settings: Settings) -> Callable[[], tuple[Provider, ...]]:
    """Providers abroad as the verifier knows them; asked for only where a file may be theirs."""

    def listed() -> tuple[Provider, ...]:
        from verifier.ports import Provider  # noqa: PLC0415 - see above

        found = kept_by(settings)().providers
        return tuple(Provider(f"{one.label} ({one.country})", one.certificates) for one in found)

    return listed
