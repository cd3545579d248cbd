"""Clients whose name we know, by the origin that their answers go to.

In EMREX 1.x clients are anonymous (emrex.md 2.1): anybody can ask, and only the address of the
answer says who it is. A name here is one that somebody of ours verified, with its source.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "clients.json"


@dataclass(frozen=True, slots=True)
class Client:
    """Who receives at an origin."""

    names: Mapping[str, str]
    """By language; English always."""
    takes_emp: bool = False
    """Whether answers begin with EMP_ instead of NCP_."""
    named_at: datetime | None = None
    """When a registry last gave the name; None where somebody of ours verified it."""

    def name(self, language: str) -> str:
        """In that language, or in English."""
        return self.names.get(language, self.names["en"])


@cache
def known_clients() -> Mapping[str, Client]:
    """Every client that we know, by its origin."""
    listed = json.loads(DATA.read_text(encoding="utf-8"))["clients"]
    return {
        one["origin"]: Client(one["names"], takes_emp=one.get("takesEmp", False)) for one in listed
    }
