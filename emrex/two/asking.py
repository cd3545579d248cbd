"""What a client asks for with the holder's browser (RFC 6749 4.1.1, RFC 7636 4.3).

A fault in who asks or where the answer goes is told to the person and to nobody else; any
other fault is told to the client, at the address that is registered for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emrex.errors import RequestRefused
from emrex.two.clients import Registered
from emrex.two.grant import CHALLENGE

STATE = re.compile(r"[\x20-\x7e]{1,1000}")
_TOKEN = r"[\x21\x23-\x5b\x5d-\x7e]+"  # noqa: S105 - RFC 6749 3.3: scope-token
SCOPE = re.compile(rf"(?:{_TOKEN}(?: {_TOKEN})*)?")
MAX_SCOPE = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorisation request, and what is wrong with it in the words of RFC 6749 4.1.2.1."""

    client: Registered
    state: str
    challenge: str
    fault: str = ""


def asked(params: Sequence[tuple[str, str]], clients: Mapping[str, Registered]) -> Asked:
    """Read the parameters; those that we do not know are passed over.

    Raises:
        RequestRefused: nobody is registered by that name, or with another address.
    """
    client = clients.get(_only(params, "client_id"))
    if client is None or _only(params, "redirect_uri") != client.redirect.address:
        raise RequestRefused("We do not know who asks, or where the answer should go.", "client")
    state, challenge = _only(params, "state"), _only(params, "code_challenge")
    if not STATE.fullmatch(state):
        return Asked(client, "", "", "invalid_request")
    return Asked(client, state, challenge, _fault(params, challenge))


def _fault(params: Sequence[tuple[str, str]], challenge: str) -> str:
    names = [name for name, _ in params]
    wanted, scope = _only(params, "response_type"), _only(params, "scope")
    if len(set(names)) != len(names) or not wanted:
        return "invalid_request"
    if wanted != "code":
        return "unsupported_response_type"
    if _only(params, "code_challenge_method") != "S256" or not CHALLENGE.fullmatch(challenge):
        return "invalid_request"
    return "" if len(scope) <= MAX_SCOPE and SCOPE.fullmatch(scope) else "invalid_scope"


def _only(params: Sequence[tuple[str, str]], name: str) -> str:
    """The value of a parameter that stands once; empty for none and for several."""
    found = [value for known, value in params if known == name]
    return found[0] if len(found) == 1 else ""
