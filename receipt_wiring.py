"""Who signs receipts: this process, or the signer where this one may open no key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from bridges import KeyForReceipts
from credentials.line import SignerLine
from credentials.wire import FAMILIES
from keys import jws
from settings import ProcessRole
from verifier.errors import ReceiptsUnavailable
from verifier.receipts.desk import ReceiptSigner
from verifier.receipts.form import TYPE
from verifier.receipts.texts import NOT_NOW
from verifier.receipts.vouching import RECEIPTS
from wiring import Instance


@dataclass(frozen=True, slots=True)
class RemoteReceipts:
    """Asks the signer for receipts: it looks for itself whether what they say is so."""

    line: SignerLine

    def sign(self, payload: Mapping[str, object]) -> bytes:
        """A receipt as a flattened JWS.

        Raises:
            ReceiptsUnavailable: the signer is not there, refuses, or sent something else.
        """
        try:
            flattened = self.line.ask("POST", RECEIPTS, json.dumps(dict(payload))).content
            signed = jws.parse(jws.open_envelope(flattened, kind=TYPE).payload)
        except FAMILIES as cause:
            raise ReceiptsUnavailable(NOT_NOW) from cause
        if signed != dict(payload):
            raise ReceiptsUnavailable(NOT_NOW)
        return flattened


def signer_of(instance: Instance) -> ReceiptSigner:
    """What signs receipts for this role."""
    if instance.settings.role is ProcessRole.WEB:
        return RemoteReceipts(instance.remote.line)
    return KeyForReceipts(partial(instance.service_signer, "receipt"))
