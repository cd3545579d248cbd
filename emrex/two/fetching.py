"""A token for results: what the holder chose, for as long as the token and the yes last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from callers.tokens import digest, token_in
from emrex.errors import TokenRefused
from emrex.exchange.ports import Transfers
from emrex.two.clients import Registered
from emrex.two.grant import Grant
from emrex.two.ports import Grants


@dataclass(frozen=True, slots=True)
class Fetched:
    """Whom it is for, and the signed document; none where the holder has no results."""

    tid: str
    client_id: str
    document: bytes | None


@dataclass(frozen=True, slots=True)
class Fetching:
    """Hands out documents of one instance."""

    grants: Grants
    transfers: Transfers
    clients: Mapping[str, Registered]
    clock: Callable[[], datetime]

    def document(self, authorization: str) -> Fetched:
        """What this token opens, by its Authorization header (RFC 6750 2.1).

        Raises:
            TokenRefused: no token, one that has ended, or its client, yes or document is gone.
        """
        token = token_in(authorization)
        grant = self.grants.by_token(digest(token)) if token else None
        if grant is None or not self._stands(grant):
            raise TokenRefused
        document = self.transfers.document(grant.tid) if grant.has_results else None
        if grant.has_results and document is None:
            raise TokenRefused
        return Fetched(grant.tid, grant.client_id, document)

    def _stands(self, grant: Grant) -> bool:
        """Whether token, client and the holder's yes are still good."""
        lives = grant.token_until is not None and self.clock() < grant.token_until
        if not lives or grant.client_id not in self.clients:
            return False
        receipts = self.transfers.receipts(grant.person_id) if grant.person_id else ()
        return not any(one.tid == grant.tid and one.withdrawn_at for one in receipts)
