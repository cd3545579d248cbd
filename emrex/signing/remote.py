"""Documents made by the signer process: the web role's end of the line.

This process holds no key and never sees one. The signer reads the awards, builds, attaches,
signs and checks by itself; while nobody answers, nothing is made.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from pydantic import ValidationError

from credentials.errors import SealingPaused
from credentials.line import SignerLine
from credentials.wire import PAUSED
from emrex.elmo.profiles import Version
from emrex.errors import NotEmitted
from emrex.exchange.exchanging import mark
from emrex.making import Made, standing_of_one
from emrex.signing.wire import (
    ALL_FAMILIES,
    CERTIFICATE,
    DOCUMENTS,
    MAX_DOCUMENT,
    WantedDocument,
)
from register.records import AwardRecord


@dataclass(frozen=True, slots=True)
class RemoteMaker:
    """Asks the signer for whole documents."""

    line: SignerLine

    def document(
        self,
        records: Sequence[AwardRecord],
        version: Version,
        receiver: str = "",
        transaction: str = "",
    ) -> Made:
        """As `Maker.document`, of records that the signer reads itself, and finds the same.

        Raises:
            NotTransferable: there is no diploma that stands.
            ShownOtherwise: they were corrected or withdrawn since they were read here.
            SealingPaused: the signer is not there, is not ours, or cannot sign now.
            Exception: whatever the signer raised, as the same class.
        """
        wanted = _wanted(standing_of_one(records), version, receiver, transaction)
        answer = self.line.ask(
            "POST",
            DOCUMENTS,
            wanted.model_dump_json(),
            mark=CERTIFICATE,
            at_most=MAX_DOCUMENT,
            families=ALL_FAMILIES,
        )
        return Made(answer.content, _certificate(answer.mark), wanted.award_ids)


def _wanted(
    records: Sequence[AwardRecord], version: Version, receiver: str, transaction: str
) -> WantedDocument:
    try:
        return WantedDocument(
            person_id=records[0].person.person_id,
            award_ids=tuple(one.award.award_id for one in records),
            version=version,
            receiver=receiver,
            transaction=transaction,
            shown=mark(records),
        )
    except ValidationError as cause:
        raise NotEmitted("This document cannot be made.", "request") from cause


def _certificate(text: str) -> bytes:
    """The certificate in a header; a signer that sends something else went mad."""
    try:
        der = base64.b64decode(text, validate=True)
        x509.load_der_x509_certificate(der)
    except (binascii.Error, ValueError) as cause:
        raise SealingPaused(PAUSED) from cause
    return der
