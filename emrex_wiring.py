"""What EMREX is given of the rooms below it: sealed extracts, the key, and whom to believe.

What is published about our keys is read from the trust list, which every role has; only the
key itself is for a process that may open one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credentials.errors import AlreadyIssuing
from credentials.extract import Language, Purpose
from credentials.issuing import Issued
from credentials.overviewing import Overviews
from credentials.ports import Extracts
from emrex.elmo.schemas import Schemas
from emrex.exchange.clients import Client, clients_of, known_clients
from emrex.exchange.exchanging import Exchange
from emrex.exchange.ports import Documents
from emrex.exchange.request import INIT, return_url
from emrex.exchange.store import SqlTransfers
from emrex.exchange.wayback import Ways
from emrex.making import Maker
from emrex.receiving.answer import Answer
from emrex.receiving.listing import Kept, usable
from emrex.receiving.memory import MemoryFetches
from emrex.receiving.ports import Listed, Listing
from emrex.receiving.receiving import Receiving
from emrex.registry.entry import Entry
from emrex.registry.reading import Provider
from emrex.signing.remote import RemoteMaker
from emrex.simulator.judging import Judged, Waiting, judged
from emrex.validating.report import Report, report
from keys.errors import KeyUnavailable
from keys.trust import KeyEntry, KeyState
from overview_wiring import overviews_of
from register.records import AwardRecord
from registries import kept_by
from settings import ProcessRole
from vault_key import master_key
from wiring import Instance

PURPOSE = "emrex"
WAYS_KEY, WAYS_PURPOSE = 32, b"echt: ways back of transfers"
IN_USE = (KeyState.ACTIVE, KeyState.ANNOUNCED)
"""The key that signs, and then the one that will: registries take both (emrex.md item 58)."""
SIGNER_SECONDS = 8.0
"""For a document, with a holder who waits: less than for a download, which can be asked for again.
A register that is away the signer tells in less; this is for one that froze itself."""
MOMENTS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between looks at a document that another transfer of this holder is making."""
EXTENSIONS = "https://{address}/elmo/1"
"""The namespace of what ELMO has no place for."""


@dataclass(frozen=True, slots=True)
class SealedExtracts:
    """The extract that the holder would download, and the overview of several.

    Issued now, or the one there is; in English, which every receiver reads.
    """

    extracts: Extracts
    overviews: Overviews

    def sealed(self, record: AwardRecord) -> tuple[str, bytes]:
        """The extract of one award."""
        return _issued(partial(self.extracts.extract, record, Language.EN, Purpose.STUDY))

    def overview(self, records: Sequence[AwardRecord]) -> tuple[str, bytes]:
        """One document about all of these."""
        return _issued(partial(self.overviews.overview, records, Language.EN, Purpose.STUDY))


def _issued(issue: Callable[[], Issued]) -> tuple[str, bytes]:
    """Who sends to two receivers at once wants one document twice: the second waits for it."""
    for moment in MOMENTS:
        try:
            return Language.EN.value, issue().document
        except AlreadyIssuing:
            time.sleep(moment)
    return Language.EN.value, issue().document


def maker_of(instance: Instance) -> Maker:
    """What makes signed documents in a process that opens the key."""
    address = instance.settings.address
    return Maker(
        f"https://{address}",
        EXTENSIONS.format(address=address),
        SealedExtracts(instance.extracts, overviews_of(instance)),
        partial(instance.service_signer, PURPOSE),
        instance.clock,
        Schemas(instance.settings.elmo_schemas),
    )


def documents_of(instance: Instance) -> Documents:
    """What makes signed documents: this process, or the signer where it may open no key."""
    if instance.settings.role is ProcessRole.WEB:
        return RemoteMaker(replace(instance.remote.line, patience=SIGNER_SECONDS))
    return maker_of(instance)


def exchange_of(instance: Instance, clients: Mapping[str, Client] | None = None) -> Exchange:
    """The provider's side of transfers, for this instance."""
    return Exchange(
        SqlTransfers(instance.engine),
        instance.register,
        documents_of(instance),
        instance.clock,
        verified_by(instance) if clients is None else clients,
        local=not instance.settings.production,
    )


def ways_of(instance: Instance) -> Ways:
    """Seals what browsers bring back when the store is away; all our processes have one key."""
    derived = HKDF(algorithm=SHA256(), length=WAYS_KEY, salt=None, info=WAYS_PURPOSE)
    return Ways(derived.derive(master_key(instance.settings, instance.engine)))


def verified_by(instance: Instance) -> Mapping[str, Client]:
    """Clients whose name somebody of ours verified, the operator's own word above ours.

    Raises:
        RegistryRefused: the operator's file cannot be used.
    """
    file = instance.settings.emrex_clients
    local = not instance.settings.production
    return known_clients() if file is None else {**known_clients(), **clients_of(file, local=local)}


def entry_of(instance: Instance) -> Entry:
    """What registries have to know of this instance.

    Raises:
        KeysError: no key for documents is published, so there is nothing to verify with.
    """
    keys = keys_in(instance, IN_USE)
    if not keys or keys[0].state is not KeyState.ACTIVE:
        raise KeyUnavailable("The trust list has no active key for EMREX.")
    return Entry(
        name=instance.settings.issuer,
        acronym="ECHT",
        country="NL",
        country_name="Netherlands",
        url=instance.settings.url + INIT,
        certificates=tuple(one.certificates[0] for one in keys),
    )


def receiving_of(instance: Instance) -> Receiving:
    """The client's side of transfers, for this process: what it holds is nowhere else."""
    origin = return_url(instance.settings.url, local=True).origin
    schemas = Schemas(instance.settings.elmo_schemas)
    return Receiving(MemoryFetches(), origin, instance.clock, schemas)


def listed_by(instance: Instance) -> Listed:
    """Whom one can fetch results from: the registries, and in development ourselves."""
    kept = kept_by(instance.settings)
    return kept if instance.settings.production else partial(_with_us, instance, kept)


def _with_us(instance: Instance, kept: Kept) -> Listing:
    """So that a whole round can be walked through on one machine."""
    entry, listing = entry_of(instance), kept()
    us = Provider(entry.name, entry.country, entry.url, ("All",), entry.certificates)
    return replace(listing, providers=(*usable([us], local=True), *listing.providers))


def trusted_by(instance: Instance) -> tuple[bytes, ...]:
    """Certificates of ours that documents may be signed with, retired ones too."""
    return tuple(one.certificates[0] for one in keys_in(instance, (*IN_USE, KeyState.RETIRED)))


def judge(instance: Instance, others: Callable[[], Sequence[bytes]], data: bytes) -> Report:
    """What an ELMO document is worth today, by our own certificates and those of others."""
    schemas = Schemas(instance.settings.elmo_schemas)
    return report(data, (*trusted_by(instance), *others()), instance.clock(), schemas)


def judge_answer(instance: Instance, answer: Answer, waiting: Waiting) -> Judged:
    """What an answer of our own provider is worth to a client that waits for it."""
    schemas = Schemas(instance.settings.elmo_schemas)
    return judged(answer, waiting, trusted_by(instance), instance.clock, schemas)


def keys_in(instance: Instance, states: tuple[KeyState, ...]) -> list[KeyEntry]:
    """Our keys for documents as the trust list has them, in the order of these states.

    Raises:
        KeysError: nothing is published, or it is not ours any more.
    """
    listed = instance.keyring.trust_list().entries(PURPOSE)
    return [one for state in states for one in listed if one.state is state]
