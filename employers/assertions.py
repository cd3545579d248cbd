"""The door for programs of employers: who may come in, and what is remembered of it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callers.assertions import Door
from callers.errors import AssertionRefused
from employers.clients import Client, ClientState
from employers.errors import ClientRefused

CLIENT_ID = re.compile(r"[0-9a-f]{32}")
"""As `new_client_id` makes them; nothing else is looked up."""


class Clients(Protocol):
    """Where clients and their used assertions are kept."""

    def client(self, client_id: str) -> Client | None:
        """The client of exactly this name."""
        ...

    def use_once(self, client_id: str, jti_digest: str, until: datetime) -> bool:
        """Remember an assertion until it ends; False when it was seen before."""
        ...


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Decides whether an assertion is good."""

    clients: Clients
    audiences: Collection[str]
    """Our addresses that an assertion may be made for."""

    def admit(self, assertion: str, now: datetime, *, client_id: str = "") -> Client:
        """The client who made this assertion, which is thereby used up.

        Raises:
            ClientRefused: anything at all does not fit; what, is not told.
        """
        door = Door(self._active, self.clients.use_once, self.audiences)
        try:
            return door.admit(assertion, now, client_id=client_id)
        except AssertionRefused as cause:
            raise ClientRefused from cause

    def _active(self, client_id: str) -> Client | None:
        client = self.clients.client(client_id) if CLIENT_ID.fullmatch(client_id) else None
        return client if client and client.state is ClientState.ACTIVE else None
