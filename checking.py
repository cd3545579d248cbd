"""Verifiers, put together: one that may ask this instance, and one that asks nobody.

Kept light on purpose: an offline check must not wait for a database library.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from keys.newest import Newest
from keys.publishing import LIST
from registries import providers_of
from settings import Settings
from verifier.receipts.desk import Receipts
from verifier.sandbox import Sandbox
from verifier.verifying import Verifier
from verifier.watching import Watch, watched

if TYPE_CHECKING:
    from wiring import Instance


def online_verifier(instance: Instance, sandbox: Sandbox, watch: Watch | None = None) -> Verifier:
    """A verifier that knows every issued file and today's status. Sites have it watched."""
    import bridges  # noqa: PLC0415 - see above

    return Verifier(
        index=watched(bridges.LedgerIndex(instance.ledger), watch),
        statuses=bridges.RegisterStatus(instance.standings.of_number),
        facts=bridges.RecordedFacts(instance.restating),
        trust=Newest(partial(read_trust, instance.trust_folder / LIST), clock=instance.clock),
        reading=sandbox,
        comparing=sandbox,
        clock=instance.clock,
        address=instance.settings.address,
        heard=None if watch is None else watch.heard,
        providers=providers_of(instance.settings),
    )


def lone_verifier(
    settings: Settings,
    sandbox: Sandbox,
    trust: Path | None = None,
    at: datetime | None = None,
) -> Verifier:
    """A verifier with nothing but a trust list: no database, no key. `at` stops its clock."""
    stored, clock = trust or settings.home / "trust" / LIST, _clock(at)
    return Verifier(
        index=None,
        statuses=None,
        trust=Newest(partial(read_trust, stored), clock=clock),
        reading=sandbox,
        comparing=sandbox,
        clock=clock,
        address=settings.address,
        providers=providers_of(settings),
    )


def online_receipts(instance: Instance, watch: Watch | None = None) -> Receipts:
    """Receipts that this role or its signer signs, judged by ledger and register."""
    import bridges  # noqa: PLC0415 - see above
    import receipt_wiring  # noqa: PLC0415 - see above

    return Receipts(
        trust=Newest(partial(read_trust, instance.trust_folder / LIST), clock=instance.clock),
        clock=instance.clock,
        signer=receipt_wiring.signer_of(instance),
        index=watched(bridges.LedgerIndex(instance.ledger), watch),
        statuses=bridges.RegisterStatus(instance.standings.of_number),
        ledger_count=bridges.LedgerCount(instance.ledger, instance.clock),
    )


def lone_receipts(
    settings: Settings, trust: Path | None = None, at: datetime | None = None
) -> Receipts:
    """Receipts judged by the trust list alone; none are made. `at` stops its clock."""
    stored, clock = trust or settings.home / "trust" / LIST, _clock(at)
    return Receipts(trust=Newest(partial(read_trust, stored), clock=clock), clock=clock)


def _clock(at: datetime | None) -> Callable[[], datetime]:
    """Now, or that moment for ever."""
    return (lambda: datetime.now(UTC)) if at is None else (lambda: at)


def read_trust(path: Path) -> bytes | None:
    """The published list as it lies there; None when it cannot be read now."""
    try:
        return path.read_bytes()
    except OSError:
        return None
