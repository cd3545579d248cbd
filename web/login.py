"""Logging in, whoever vouches for it: the port that every login service is behind.

A provider sends somebody away and reads what they come back with. What it hands over
is the only moment at which a national number passes through the web: it goes straight
to the register, which answers with its own random id, and is never kept, logged or
put into an address.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from web.errors import LevelTooLow
from web.sessions import PendingLogin


class Level(enum.IntEnum):
    """How sure a login is (Regulation (EU) 910/2014, article 8)."""

    LOW = 1
    SUBSTANTIAL = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Identity:
    """Who logged in. The number is not part of its text, so that no log can have it."""

    number_kind: str
    """Which register gave the number out: `bsn`."""
    number: str = field(repr=False)
    level: Level
    provider: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody to log in as, where the service offers a list: the demonstration only."""

    key: str
    label: str


class LoginProvider(Protocol):
    """A service that knows who somebody is."""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """People to choose from; empty for every real service."""
        ...

    @property
    def origins(self) -> tuple[str, ...]:
        """Where the login form may lead, for the content security policy."""
        ...

    def start(self, pending: PendingLogin, choice: str) -> str:
        """The address to send the visitor to; `choice` is the key of one of `choices`.

        Raises:
            LoginUnavailable: the service does not answer.
        """
        ...

    def finish(self, params: Mapping[str, str], pending: PendingLogin) -> Identity:
        """Read what the visitor came back with. `pending.state` has been compared already.

        Raises:
            LoginRefused: something does not fit; who it is stays unknown.
            LoginCancelled: the person stopped.
            LoginUnavailable: the service does not answer.
            LevelTooLow: the login is not sure enough.
        """
        ...


Resolve = Callable[[Identity], str | None]
"""From an identity to the register's own id of the person, or None."""


def sure_enough(identity: Identity) -> Identity:
    """The identity, when its level is enough for a person's own pages.

    Raises:
        LevelTooLow: below substantial (portal.md 2.2).
    """
    if identity.level < Level.SUBSTANTIAL:
        raise LevelTooLow
    return identity
