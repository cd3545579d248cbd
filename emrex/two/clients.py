"""Clients of EMREX 2.0, as EMREG 2 lists them (emrex.md 2.1): one return address, one key.

The draft has providers ask EMREG for each client. EMREG 2 does not run yet, so the operator
keeps the same entries in a file; whoever is not in it asks in vain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callers.errors import KeysRefused
from callers.keys import Jwk, Key, imported, keys_in
from emrex.errors import RegistryRefused, RequestRefused
from emrex.exchange.clients import Client
from emrex.exchange.request import ReturnUrl, return_url

CLIENT_ID = re.compile(r"[A-Za-z0-9._~-]{1,100}")
MAX_FILE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Registered:
    """A client whose name, address and key somebody checked."""

    client_id: str
    who: Client
    redirect: ReturnUrl
    """The one address that its answers go to, compared letter by letter."""
    algorithm: str
    keys: tuple[Jwk, ...]

    def key(self, kid: str) -> Key | None:
        """The key of that name; an only key whatever the name, for EMREG gives keys none."""
        fitting = [one for one in self.keys if one["kid"] == kid or len(self.keys) == 1]
        return imported(fitting[0]) if fitting else None


def registered_in(data: bytes, *, local: bool = False) -> Mapping[str, Registered]:
    """The clients in a list of entries of EMREG 2, by their names.

    Args:
        data: JSON.
        local: whether addresses of this machine are allowed, as in development.

    Raises:
        RegistryRefused: one of them cannot be used, so that none is.
    """
    entries = _entries(data)
    found = {one.client_id: one for one in (_registered(entry, local=local) for entry in entries)}
    if len(found) != len(entries):
        raise RegistryRefused("A client stands twice in the list of clients.")
    return found


def _entries(data: bytes) -> list[dict[str, Any]]:
    try:
        listed = json.loads(data) if len(data) <= MAX_FILE else None
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise RegistryRefused("The list of clients cannot be read.")
    return listed


def _registered(entry: dict[str, Any], *, local: bool) -> Registered:
    client_id, names = entry.get("clientId"), entry.get("name")
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id):
        raise RegistryRefused("A client in the list has no clientId that can be used.")
    if not isinstance(names, dict) or not _are_names(names):
        raise RegistryRefused("A client in the list has no name in English.")
    try:
        redirect = return_url(str(entry.get("redirectUri", "")), local=local)
        algorithm, keys = keys_in(_key_of(entry))
    except (RequestRefused, KeysRefused) as cause:
        raise RegistryRefused(
            "The address or key of a client cannot be used.", f"{client_id}: {cause}"
        ) from cause
    return Registered(client_id, Client(names), redirect, algorithm, keys)


def _are_names(names: dict[str, Any]) -> bool:
    return "en" in names and all(isinstance(one, str) and one for one in names.values())


def _key_of(entry: dict[str, Any]) -> bytes:
    """`publicKey` in PEM as EMREG has it, or `jwks` where a client changes keys."""
    pem = entry.get("publicKey")
    return pem.encode() if isinstance(pem, str) else json.dumps(entry.get("jwks")).encode()
