"""One signed document about the diplomas of one person: built, held to the rules, signed, checked.

A document that a strict reader would refuse is never signed, and one that our own reader does
not accept, or from which it cannot read the same records back, is never handed out (emrex.md 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from credentials.overview import fits
from emrex.accepting import SignatureVerdict, accept
from emrex.elmo import hashing
from emrex.elmo.comparing import is_whole
from emrex.elmo.extending import Transfer
from emrex.elmo.mapping import elmo_of
from emrex.elmo.nouns import Attachment, AttachmentType
from emrex.elmo.profiles import PROFILES, Version
from emrex.elmo.rules import findings
from emrex.elmo.schemas import RULES_ALONE, Schemas
from emrex.elmo.vocabulary import vocabulary
from emrex.elmo.writing import tree_of
from emrex.errors import NotEmitted, NotTransferable
from emrex.xmldsig import sign
from keys.custody import SealSigner
from register.records import AwardRecord, AwardStatus

OVERVIEW = "overview"
"""What the transcript of everything is called inside its document."""


class Extracts(Protocol):
    """Where the sealed documents that go along come from."""

    def sealed(self, record: AwardRecord) -> tuple[str, bytes]:
        """The extract of an award: its language and the PDF, issued now or before."""
        ...

    def overview(self, records: Sequence[AwardRecord]) -> tuple[str, bytes]:
        """One document about several awards of one person: as `sealed`."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """A signed document, and what it was signed with."""

    content: bytes = field(repr=False)
    certificate: bytes
    """In DER."""
    records: tuple[str, ...]
    """Ids of the awards in it."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes documents for one site."""

    address: str
    extensions: str
    """The namespace of what ELMO has no place for."""
    extracts: Extracts
    signer: Callable[[], SealSigner]
    clock: Callable[[], datetime]
    schemas: Schemas = RULES_ALONE

    def document(
        self,
        records: Sequence[AwardRecord],
        version: Version,
        receiver: str = "",
        transaction: str = "",
    ) -> Made:
        """The signed document about these records of one person, withdrawn ones left out.

        Args:
            records: of one person.
            version: of ELMO.
            receiver: origin of the client.
            transaction: hash of what the client calls the transfer.

        Raises:
            CredentialError: the sealed extract that goes with it cannot be had now.
            KeyUnavailable: custody cannot reach the key now.
            NotEmitted: what was built breaks a rule; nothing was signed.
            NotTransferable: there is no diploma that stands.
        """
        standing = standing_of_one(records)
        attached = {one.award.award_id: (self._extract(one),) for one in standing}
        transfer = Transfer(self.clock(), self.address, receiver, transaction)
        elmo = elmo_of(standing, transfer, attached, self._overall(standing))
        root = tree_of(elmo, self.extensions, PROFILES[version])
        hashing.write(root)
        if not self.schemas.is_valid(root, version):
            raise NotEmitted("This document cannot be made.", "schema")
        broken = sorted({one.rule for one in findings(root)})
        if broken:
            raise NotEmitted("This document cannot be made.", ",".join(broken))
        signer = self.signer()
        certificate = signer.chain[0]
        content = sign(root, signer, self.clock())
        # The rules were held to above; here it is about the signature and what it covers.
        read = accept(content, (certificate,), self.clock(), rules=lambda _root: iter(()))
        if read.verdict is not SignatureVerdict.VALID or read.root is None:
            raise NotEmitted("This document cannot be made.", "self-check")
        if not is_whole(read.root, self.extensions, standing, PROFILES[version]):
            raise NotEmitted("This document cannot be made.", "loss")
        return Made(content, certificate, tuple(attached))

    def _extract(self, record: AwardRecord) -> Attachment:
        language, content = self.extracts.sealed(record)
        name = extract_name(record.award.award_id)
        titles = vocabulary().extract_title
        return Attachment(name, AttachmentType.DIPLOMA, titles, content, language)

    def _overall(self, records: Sequence[AwardRecord]) -> tuple[Attachment, ...]:
        """One transcript of everything, where there is one."""
        if not has_overview(records):
            return ()
        language, content = self.extracts.overview(records)
        titles = vocabulary().overview_title
        return (Attachment(OVERVIEW, AttachmentType.TRANSCRIPT, titles, content, language),)


def extract_name(award_id: str) -> str:
    """What the extract of an award is called inside its document."""
    return f"extract-{award_id}"


def has_overview(records: Sequence[AwardRecord]) -> bool:
    """Whether an overview goes along with these.

    Of one diploma the extract says everything already, and a book no check would read.
    """
    standing = _standing(records)
    return len(standing) > 1 and fits(standing)


def standing_of_one(records: Sequence[AwardRecord]) -> list[AwardRecord]:
    """The records that a document may be about, of one person.

    Raises:
        NotTransferable: none stands, or they are of several people.
    """
    standing = _standing(records)
    if len({one.person.person_id for one in standing}) != 1:
        raise NotTransferable("There is no diploma to send.")
    return standing


def _standing(records: Sequence[AwardRecord]) -> list[AwardRecord]:
    return [one for one in records if one.award.status is not AwardStatus.WITHDRAWN]
