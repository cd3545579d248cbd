"""What EMREX is given of the rooms below it: sealed extracts and the key for exchange documents."""

from __future__ import annotations

from dataclasses import dataclass

from credentials.downloading import Downloads
from credentials.extract import Language, Purpose
from emrex.exchange.exchanging import Exchange
from emrex.exchange.pages import INIT
from emrex.exchange.store import SqlTransfers
from emrex.making import Maker
from emrex.registry.entry import Entry
from register.records import AwardRecord
from wiring import Instance

EXTENSIONS = "https://{address}/elmo/1"
"""The namespace of what ELMO has no place for."""


@dataclass(frozen=True, slots=True)
class SealedExtracts:
    """The extract that the holder would download: issued now, or the one there is."""

    downloads: Downloads

    def sealed(self, record: AwardRecord) -> tuple[str, bytes]:
        """In English, which every receiver reads."""
        issued = self.downloads.extract(record, Language.EN, Purpose.STUDY)
        return Language.EN.value, issued.document


def maker_of(instance: Instance) -> Maker:
    """What makes signed documents for this instance."""
    address = instance.settings.address
    return Maker(
        f"https://{address}",
        EXTENSIONS.format(address=address),
        SealedExtracts(instance.downloads),
        lambda: instance.keyring.current("emrex"),
        instance.clock,
    )


def exchange_of(instance: Instance) -> Exchange:
    """The provider's side of transfers, for this instance."""
    return Exchange(
        SqlTransfers(instance.engine),
        instance.register,
        maker_of(instance),
        instance.clock,
        local=not instance.settings.production,
    )


def entry_of(instance: Instance) -> Entry:
    """What registries have to know of this instance."""
    return Entry(
        name=instance.settings.issuer,
        acronym="ECHT",
        country="NL",
        country_name="Netherlands",
        url=instance.settings.url + INIT,
        certificates=instance.service_signer("emrex").chain[:1],
    )


def trusted_by(instance: Instance) -> tuple[bytes, ...]:
    """Certificates of providers whose documents we believe: as yet our own."""
    return entry_of(instance).certificates
