"""Logging in by choosing a name from a list: for demonstrations, never in production."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from web.errors import LoginRefused
from web.login import Choice, Identity, Level
from web.sessions import PendingLogin


@dataclass(frozen=True, slots=True)
class Persona:
    """A made-up person that a visitor of the demonstration can be."""

    key: str
    label: str
    number: str = field(repr=False)
    number_kind: str = "bsn"
    level: Level = Level.SUBSTANTIAL


class PersonaProvider:
    """A login service that believes everybody. It cannot be built in production."""

    def __init__(self, personas: tuple[Persona, ...], *, production: bool) -> None:
        if production:
            raise ValueError("the persona picker would let anybody in: not in production")
        self._personas = {persona.key: persona for persona in personas}

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The people of the demonstration."""
        return tuple(Choice(one.key, one.label) for one in self._personas.values())

    @property
    def origins(self) -> tuple[str, ...]:
        """Nowhere else: the picker is a page of our own."""
        return ()

    def start(self, pending: PendingLogin, choice: str) -> str:
        """Send the visitor straight back, as the persona they chose.

        Raises:
            LoginRefused: no such persona.
        """
        if choice not in self._personas:
            raise LoginRefused
        query = {"code": choice, "state": pending.state}
        return f"{pending.redirect_uri}?{urlencode(query)}"

    def finish(self, params: Mapping[str, str], pending: PendingLogin) -> Identity:
        """Who was chosen.

        Raises:
            LoginRefused: another login, or no such persona.
        """
        persona = self._personas.get(params.get("code", ""))
        if persona is None or not hmac.compare_digest(params.get("state", ""), pending.state):
            raise LoginRefused
        return Identity(persona.number_kind, persona.number, persona.level, "demo")
