"""Clients whose name we know, by the origin that their answers go to.

In EMREX 1.x clients are anonymous (emrex.md 2.1): anybody can ask, and only the address of the
answer says who it is. A name here is one that somebody of ours verified, with its source.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from emrex.errors import RegistryRefused, RequestRefused
from emrex.exchange.request import return_url

DATA = Path(__file__).resolve().parent.parent / "data" / "clients.json"
LANGUAGES = frozenset({"nl", "en", "de"})
MEMBERS = frozenset({"origin", "names", "takesEmp", "logo", "source"})
MAX_FILE = 1024 * 1024
MAX_NAME = 100
MAX_LOGO = 32 * 1024
"""Bytes; it stands inside each page of a transfer."""
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Client:
    """Who receives at an origin."""

    names: Mapping[str, str]
    """By language; English always."""
    takes_emp: bool = False
    """Whether answers begin with EMP_ instead of NCP_."""
    named_at: datetime | None = None
    """When a registry last gave the name; None where somebody of ours verified it."""
    logo: str = ""
    """A picture as a `data:` address; empty where there is none."""

    def name(self, language: str) -> str:
        """In that language, or in English."""
        return self.names.get(language, self.names["en"])


@cache
def known_clients() -> Mapping[str, Client]:
    """The clients that we know without an operator, by origin."""
    return clients_in(DATA.read_bytes(), lambda _: b"")


def clients_of(file: Path, *, local: bool = False) -> Mapping[str, Client]:
    """The clients in an operator's file; logos lie beside it. Raises as `clients_in`."""
    try:
        listed = file.read_bytes()
    except OSError as cause:
        raise _refused("it cannot be opened") from cause
    return clients_in(listed, lambda name: (file.parent / name).read_bytes(), local=local)


def clients_in(
    data: bytes, read: Callable[[str], bytes], *, local: bool = False
) -> Mapping[str, Client]:
    """Clients in a file of the form of `emrex/data/clients.json`, by origin.

    Args:
        data: the file.
        read: a file beside it, by its plain name.
        local: whether origins of this machine are allowed, as in development.

    Raises:
        RegistryRefused: something in it cannot be used, so that nothing is; `reason` says what.
    """
    found: dict[str, Client] = {}
    for place, entry in enumerate(_entries(data), 1):
        try:
            origin, client = _client(entry, read, local=local)
        except (ValueError, OSError, RequestRefused) as cause:
            raise _refused(f"client {place}: {cause}") from cause
        if origin in found:
            raise _refused(f"client {place}: {origin} stands there twice")
        found[origin] = client
    return found


def _refused(reason: str) -> RegistryRefused:
    return RegistryRefused("The list of clients cannot be read.", f"ECHT_EMREX_CLIENTS: {reason}")


def _entries(data: bytes) -> list[Any]:
    try:
        listed = json.loads(data) if len(data) <= MAX_FILE else None
    except (ValueError, RecursionError) as cause:
        raise _refused("it is not JSON") from cause
    entries = listed.get("clients") if isinstance(listed, dict) else None
    if not isinstance(entries, list):
        raise _refused(f"it has no list `clients`, or more than {MAX_FILE} bytes")
    return entries


def _client(entry: object, read: Callable[[str], bytes], *, local: bool) -> tuple[str, Client]:
    """One entry; raises ValueError with what is wrong, for the operator to read."""
    if not isinstance(entry, dict) or not MEMBERS.issuperset(entry):
        raise ValueError(f"its members are among {', '.join(sorted(MEMBERS))}")
    origin = entry.get("origin")
    if not isinstance(origin, str) or return_url(origin, local=local).origin != origin:
        raise ValueError("`origin` is https://, a host, and a port where it is not 443")
    takes_emp = entry.get("takesEmp", False)
    if takes_emp is not True and takes_emp is not False:
        raise ValueError("`takesEmp` is true or false")
    names = _names(entry.get("names"))
    return origin, Client(names, takes_emp=takes_emp, logo=_logo(entry.get("logo"), read))


def _names(names: object) -> Mapping[str, str]:
    if not isinstance(names, dict) or "en" not in names or not LANGUAGES.issuperset(names):
        raise ValueError("`names` has one in `en`, and may have one in `nl` and `de`")
    if not all(isinstance(one, str) and _can_be_shown(one) for one in names.values()):
        raise ValueError(f"a name has 1 to {MAX_NAME} characters that can be seen")
    return names


def _can_be_shown(name: str) -> bool:
    return 0 < len(name.strip()) <= MAX_NAME and name.isprintable()


def _logo(name: object, read: Callable[[str], bytes]) -> str:
    """The picture in the page itself, so that looking at it tells nobody anything."""
    if name is None:
        return ""
    if not isinstance(name, str) or Path(name).name != name:
        raise ValueError("`logo` is the name of a file beside this one")
    picture = read(name)
    if not picture.startswith(PNG) or len(picture) > MAX_LOGO:
        raise ValueError(f"`logo` is a PNG of at most {MAX_LOGO} bytes")
    return "data:image/png;base64," + base64.b64encode(picture).decode()
