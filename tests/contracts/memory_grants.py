"""Grants in memory, held to the same contract as those in SQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from threading import Lock

from emrex.two.grant import Grant, Token


class MemoryGrants:
    """Grants of one process."""

    def __init__(self) -> None:
        self._kept: dict[str, Grant] = {}
        self._codes: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._used: dict[tuple[str, str], datetime] = {}
        self._lock = Lock()

    def add(self, grant: Grant) -> None:
        self._kept[grant.tid] = grant

    def find(self, tid: str) -> Grant | None:
        return self._kept.get(tid)

    def give_code(self, after: Grant, code: str) -> None:
        now = self._kept.get(after.tid)
        if now is not None and now.code_until is None:
            self._codes[code] = after.tid
            self._kept[after.tid] = replace(
                now,
                code_until=after.code_until,
                person_id=after.person_id,
                has_results=after.has_results,
            )

    def by_code(self, code: str) -> Grant | None:
        return self._kept.get(self._codes.get(code, ""))

    def spend(self, tid: str, now: datetime, token: Token | None) -> bool:
        with self._lock:
            found = self._kept.get(tid)
            if found is None or found.spent is not None:
                return False
            until = token.until if token else None
            self._kept[tid] = replace(found, spent=now, token_until=until)
        if token:
            self._tokens[token.digest] = tid
        return True

    def revoke(self, tid: str) -> None:
        self._tokens = {one: of for one, of in self._tokens.items() if of != tid}

    def by_token(self, token: str) -> Grant | None:
        return self._kept.get(self._tokens.get(token, ""))

    def use_once(self, client_id: str, jti_digest: str, until: datetime) -> bool:
        with self._lock:
            known = (client_id, jti_digest) in self._used
            self._used.setdefault((client_id, jti_digest), until)
        return not known

    def forget(self, before: datetime) -> int:
        old = [one.tid for one in self._kept.values() if one.created < before]
        ended = [used for used, until in self._used.items() if until < before]
        for tid in old:
            del self._kept[tid]
        for used in ended:
            del self._used[used]
        return len(old) + len(ended)
