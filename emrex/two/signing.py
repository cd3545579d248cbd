"""Who signs a body: this process, or the signer where this one may not open a key (decision 0010).

Over the line goes which results are meant, never what is to be signed: the signer takes them
out of a document that it signed itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from credentials.errors import SealingPaused
from credentials.line import Answer
from credentials.wire import PAUSED
from emrex.accepting import SignatureVerdict, accept
from emrex.errors import TokenRefused
from emrex.exchange.ports import Transfers
from emrex.signing.wire import ALL_FAMILIES
from emrex.two.results import Result, result_of
from emrex.two.signature import FORM, detached
from keys.custody import SealSigner

SIGNATURES = "/emrex-results"
MAX_ID, MAX_WORD = 64, 200


class Wanted(BaseModel):
    """Which results, in which format, for which client."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tid: str = Field(min_length=1, max_length=MAX_ID)
    client_id: str = Field(min_length=1, max_length=MAX_WORD)
    data_format: str = Field(max_length=MAX_WORD)
    version: str = Field(max_length=MAX_WORD)
    pdf_id: str = Field(max_length=MAX_WORD)

    def out_of(self, document: bytes) -> Result:
        """These results in a document; raises as `result_of`."""
        return result_of(document, self.data_format, self.version, self.pdf_id)


@dataclass(frozen=True, slots=True)
class Here:
    """Signs with a key of this process."""

    signer: Callable[[], SealSigner]
    clock: Callable[[], datetime]

    def over(self, result: Result, wanted: Wanted) -> str:
        """The detached signature over a body.

        Raises:
            KeysError: there is no such key, or it cannot be used now.
        """
        return detached(result.body, self.signer(), wanted.client_id, self.clock())


class Line(Protocol):
    """The line to the signer (`credentials.line`)."""

    def ask(
        self, method: str, path: str, body: str, *, families: tuple[type[Exception], ...]
    ) -> Answer:
        """One request; raises `SealingPaused`, or what the signer raised."""
        ...


@dataclass(frozen=True, slots=True)
class AtTheSigner:
    """Asks the signer."""

    line: Line

    def over(self, result: Result, wanted: Wanted) -> str:  # noqa: ARG002 - the signer has its own
        """The signature over what `wanted` names, which is this body.

        Raises:
            SealingPaused: the signer is not there, is not ours, or cannot sign now.
            Exception: whatever else the signer raised, as the same class.
        """
        answer = self.line.ask("POST", SIGNATURES, wanted.model_dump_json(), families=ALL_FAMILIES)
        signature = answer.content
        if not FORM.fullmatch(signature):
            raise SealingPaused(PAUSED)
        return signature.decode("ascii")


@dataclass(frozen=True, slots=True)
class OfOurOwn:
    """The signer's side: signs what is in a document that is ours, and nothing else."""

    transfers: Transfers
    trusted: Callable[[], Sequence[bytes]]
    """Certificates of our own keys."""
    here: Here

    def signature(self, wanted: Wanted) -> str:
        """The signature over the results of that transfer.

        Raises:
            TokenRefused: no document is kept for it, or another than we signed.
            FormatRefused: it has no such results.
            KeysError: there is no such key, or it cannot be used now.
        """
        document = self.transfers.document(wanted.tid)
        if document is None or not self._is_ours(document):
            raise TokenRefused
        return self.here.over(wanted.out_of(document), wanted)

    def _is_ours(self, document: bytes) -> bool:
        return accept(document, self.trusted(), self.here.clock()).verdict is SignatureVerdict.VALID
