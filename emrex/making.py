"""One signed document about the diplomas of one person: built, held to the rules, signed, checked.

A document that a strict reader would refuse is never signed, and one that our own reader does
not accept is never handed out (emrex.md 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.mapping import Transfer, elmo_of
from emrex.elmo.nouns import Attachment, AttachmentType
from emrex.elmo.profiles import PROFILES, Version
from emrex.elmo.rules import findings
from emrex.elmo.vocabulary import vocabulary
from emrex.elmo.writing import tree_of
from emrex.errors import NotEmitted, NotTransferable
from emrex.xmldsig import sign
from keys.custody import SealSigner
from register.records import AwardRecord, AwardStatus


class Extracts(Protocol):
    """Where the sealed extract of an award comes from."""

    def sealed(self, record: AwardRecord) -> tuple[str, bytes]:
        """Its language and the PDF, issued now or before."""
        ...


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes documents for one site."""

    address: str
    extensions: str
    """The namespace of what ELMO has no place for."""
    extracts: Extracts
    signer: Callable[[], SealSigner]
    clock: Callable[[], datetime]

    def document(
        self, records: Sequence[AwardRecord], version: Version, receiver: str = ""
    ) -> bytes:
        """The signed document about these records of one person, withdrawn ones left out.

        Raises:
            KeyUnavailable: custody cannot reach the key now.
            NotEmitted: what was built breaks a rule; nothing was signed.
            NotTransferable: there is no diploma that stands.
        """
        standing = [one for one in records if one.award.status is not AwardStatus.WITHDRAWN]
        if not standing:
            raise NotTransferable("There is no diploma to send.")
        attached = {one.award.award_id: (self._extract(one),) for one in standing}
        transfer = Transfer(self.clock(), self.address, receiver)
        elmo = elmo_of(standing, transfer, attached)
        root = tree_of(elmo, self.extensions, PROFILES[version])
        broken = sorted({one.rule for one in findings(root)})
        if broken:
            raise NotEmitted("This document cannot be made.", ",".join(broken))
        return self._signed(sign(root, self.signer()))

    def _extract(self, record: AwardRecord) -> Attachment:
        language, content = self.extracts.sealed(record)
        name = f"extract-{record.award.award_id}"
        titles = vocabulary().extract_title
        return Attachment(name, AttachmentType.DIPLOMA, titles, content, language)

    def _signed(self, document: bytes) -> bytes:
        verdict = accept(document, self.signer().chain[:1]).verdict
        if verdict is not SignatureVerdict.VALID:
            raise NotEmitted("This document cannot be made.", "self-check")
        return document
