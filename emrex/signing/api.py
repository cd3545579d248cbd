"""The signer's side: a whole document about records that it reads itself.

Whoever has taken over a web process can ask here for genuine documents about registered
awards, and say for whom they are. There is no way to have other words signed.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from emrex.errors import ShownOtherwise
from emrex.exchange.exchanging import mark
from emrex.exchange.ports import Awards, Documents
from emrex.signing.wire import CERTIFICATE, DOCUMENTS, WantedDocument
from register.errors import NotRegistered
from register.records import AwardRecord


@dataclass(frozen=True, slots=True)
class Deps:
    """What the signer makes documents with."""

    register: Awards
    maker: Documents


def router(deps: Deps) -> APIRouter:
    """One route, for the socket and for nothing else."""
    routes = APIRouter()

    @routes.post(DOCUMENTS)
    def document(wanted: WantedDocument) -> Response:
        made = deps.maker.document(
            _read(deps.register, wanted), wanted.version, wanted.receiver, wanted.transaction
        )
        headers = {CERTIFICATE: base64.b64encode(made.certificate).decode("ascii")}
        return Response(made.content, media_type="application/xml", headers=headers)

    return routes


def _read(register: Awards, wanted: WantedDocument) -> Sequence[AwardRecord]:
    """The records by these names, in that order, each once, as they were when they were shown.

    Raises:
        NotRegistered: one of them is not this person's, or nobody's.
        ShownOtherwise: one of them was corrected or withdrawn since.
    """
    theirs = {one.award.award_id: one for one in register.awards_of(wanted.person_id)}
    if not theirs.keys() >= set(wanted.award_ids):
        raise NotRegistered("The register holds no award with this id.")
    records = [theirs[one] for one in dict.fromkeys(wanted.award_ids)]
    if mark(records) != wanted.shown:
        raise ShownOtherwise("Something has changed. Look again at what would be sent.")
    return records
