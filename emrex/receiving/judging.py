"""Whether a document from abroad is believed: signed by its provider, fresh, ours, and new.

The signature says who made it. That it was made now, for us and for the first time is what
keeps somebody from handing in the document of somebody else (emrex.md 3.7).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lxml import etree

from emrex.accepting import accept
from emrex.elmo.rules import every_finding
from emrex.elmo.schemas import RULES_ALONE, Schemas
from emrex.elmo.writing import NAMESPACE
from emrex.errors import PayloadRefused
from emrex.packing import decoded, inflated
from emrex.receiving.document import Received, received
from emrex.receiving.fetch import Fetch

if TYPE_CHECKING:
    from lxml.etree import _Element

SKEW = timedelta(minutes=10)
"""How much a provider's clock may differ from ours."""
ANY_ZONE = timedelta(hours=14)
"""How far a time without a zone may be from UTC."""
_OURS = f"{{{NAMESPACE}}}extension/{{*}}transfer"


@dataclass(frozen=True, slots=True)
class Judged:
    """A document that is believed, or why it is not."""

    reason: str
    """A stable key where it is refused; else empty."""
    received: Received | None = None
    digest: str = ""
    """Of the provider and what its signature covers, the same however that is written."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for a document, and in which transfer: what it may say of both."""

    origin: str
    """Ours."""
    transaction: str
    """Hash of the session that we gave to this fetch."""


def judged(
    text: str, fetch: Fetch, ours: Asked, now: datetime, schemas: Schemas = RULES_ALONE
) -> Judged:
    """Judge the value of the field `elmo`, by the certificates of the one provider of this fetch.

    Documents that name another receiver or another transfer are not for us.
    """
    try:
        packed = decoded(text)
        certificates = fetch.provider.certificates
        found = accept(inflated(packed), certificates, now, schemas, every_finding)
    except PayloadRefused as cause:
        return Judged(cause.reason)
    root = found.root
    if root is None:
        return Judged(found.reason)
    reason = _meant_for_another(root, ours) or _not_fresh(root, fetch, now)
    if reason:
        return Judged(reason)
    covered = b"".join((*fetch.provider.certificates, etree.tostring(root, method="c14n")))
    return Judged("", received(found, root, packed), hashlib.sha256(covered).hexdigest())


def _meant_for_another(root: _Element, ours: Asked) -> str:
    """Providers like us write down to whom a document was given, and in which transfer."""
    for one in root.iterfind(_OURS):
        if one.get("receiver", "") not in {"", ours.origin}:
            return "other-receiver"
        if one.get("transaction", "") not in {"", ours.transaction}:
            return "other-transaction"
    return ""


def _not_fresh(root: _Element, fetch: Fetch, now: datetime) -> str:
    """A provider makes a document when it is asked for; an older one is somebody's copy."""
    written = root.findtext(f"{{{NAMESPACE}}}generatedDate", "").strip()
    try:
        made = datetime.fromisoformat(written)
    except ValueError:
        return "undated"
    room = SKEW if made.tzinfo else SKEW + ANY_ZONE
    made = made if made.tzinfo else made.replace(tzinfo=UTC)
    return "" if fetch.started - room <= made <= now + room else "not-fresh"
