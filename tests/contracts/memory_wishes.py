"""The queue of wishes without a database, held to the same contract as the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from credentials.waiting import Wish, WishState

Key = tuple[str, str, str, str]


class MemoryWishes:
    """Keeps wishes in the order of asking; a dict keeps the order of insertion."""

    def __init__(self) -> None:
        self.wishes: dict[Key, Wish] = {}
        self._moves: dict[Key, datetime] = {}

    def ask(self, wish: Wish) -> None:
        found = self.wishes.get(wish.key)
        if found is not None and found.state is WishState.WAITING:
            return
        self.wishes.pop(wish.key, None)
        self.wishes[wish.key], self._moves[wish.key] = wish, wish.asked_at

    def claim(self, now: datetime, until: Callable[[int], datetime]) -> Wish | None:
        for key, wish in self.wishes.items():
            if wish.state is WishState.WAITING and self._moves[key] <= now:
                self.wishes[key] = replace(wish, tries=wish.tries + 1)
                self._moves[key] = until(wish.tries + 1)
                return self.wishes[key]
        return None

    def free(self, wish: Wish) -> None:
        if self._waits(wish):
            self.wishes[wish.key] = replace(self.wishes[wish.key], tries=wish.tries - 1)
            self._moves[wish.key] = wish.asked_at

    def end(self, wish: Wish, state: WishState, outcome: str, now: datetime) -> None:
        if self._waits(wish):
            found = self.wishes[wish.key]
            self.wishes[wish.key] = replace(found, state=state, outcome=outcome)
            self._moves[wish.key] = now

    def of_person(self, person_id: str) -> tuple[Wish, ...]:
        return tuple(wish for wish in self.wishes.values() if wish.person_id == person_id)

    def forget(self, wish: Wish) -> None:
        self.wishes.pop(wish.key, None)

    def forget_ended(self, before: datetime) -> int:
        old = [
            key
            for key, wish in self.wishes.items()
            if wish.state is not WishState.WAITING and self._moves[key] < before
        ]
        for key in old:
            del self.wishes[key]
        return len(old)

    def _waits(self, wish: Wish) -> bool:
        found = self.wishes.get(wish.key)
        return found is not None and found.state is WishState.WAITING
