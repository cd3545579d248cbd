"""What is asked of the signer about a document for another university, and what comes back.

A request names records that the signer reads for itself; nothing that is to be signed ever
comes in. The answer is the document, with the certificate that it was signed with.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from credentials.wire import FAMILIES, MAX_ID
from emrex.elmo.profiles import Version
from emrex.errors import EmrexError
from emrex.packing import MAX_PLAIN

DOCUMENTS = "/elmo"
CERTIFICATE = "Echt-Certificate"
"""Header with the certificate of the document in the body: DER in base64."""
MAX_DOCUMENT = MAX_PLAIN
MAX_AWARDS = 200
ORIGIN = r"^(https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?)?$"
"""What `ReturnUrl.origin` can be; empty where nobody in particular receives."""
ALL_FAMILIES = (*FAMILIES, EmrexError)


class WantedDocument(BaseModel):
    """About which records of whom, in which version, for whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_id: str = Field(min_length=1, max_length=MAX_ID)
    award_ids: tuple[Annotated[str, Field(min_length=1, max_length=MAX_ID)], ...] = Field(
        min_length=1, max_length=MAX_AWARDS
    )
    version: Version
    receiver: str = Field(default="", pattern=ORIGIN)
    transaction: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    shown: str = Field(pattern=r"^[0-9a-f]{64}$")
    """The mark of what these records say where they were asked for (`exchanging.mark`)."""
