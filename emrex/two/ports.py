"""What EMREX 2.0 needs of a store; transfers and documents are where 1.x has them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from emrex.two.grant import Grant, Token
from emrex.two.results import Result
from emrex.two.signing import Wanted


class Signatures(Protocol):
    """Who signs results."""

    def over(self, result: Result, wanted: Wanted) -> str:
        """The detached signature over a body, which is what `wanted` names.

        Raises:
            KeysError: there is no such key, or it cannot be used now.
            CredentialError: the signer is not there, or cannot sign now.
        """
        ...


class Grants(Protocol):
    """Grants, by hashes of what others hold. Moments are UTC in whole seconds.

    Every method raises `StorageUnavailable` where the store cannot be used.
    """

    def add(self, grant: Grant) -> None:
        """Keep a new grant."""
        ...

    def find(self, tid: str) -> Grant | None:
        """The grant of a transfer."""
        ...

    def give_code(self, after: Grant, code: str) -> None:
        """Keep the hash of its code and what hangs on it, unless there is one already."""
        ...

    def by_code(self, code: str) -> Grant | None:
        """The grant of the code with that hash, spent ones too."""
        ...

    def spend(self, tid: str, now: datetime, token: Token | None) -> bool:
        """Spend the code, with a token for it or without; False when it was spent before."""
        ...

    def revoke(self, tid: str) -> None:
        """End the token of a grant."""
        ...

    def by_token(self, token: str) -> Grant | None:
        """The grant of the token with that hash, ended ones too, revoked ones not."""
        ...

    def use_once(self, client_id: str, jti_digest: str, until: datetime) -> bool:
        """Remember an assertion until it ends; False when it was seen before."""
        ...

    def forget(self, before: datetime) -> int:
        """Remove grants that began and assertions that ended before a moment; says how many."""
        ...
