"""What a client asks for: the two fields of protocol 1.x, and where its answer may go.

An answer carries somebody's diplomas, so the address that it goes to is parsed and held to
rules before anything else happens (emrex.md 3.7). Nothing here sends anybody anywhere.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from emrex.errors import RequestRefused

INIT = "/emrex/init"
"""Where clients send people: the one address of ours that they know."""
MAX_SESSION = 255
"""The guide says 32; the official client sends 36 (emrex.md 2.2)."""
MAX_URL = 2_000
MAX_FIELDS = 100
NOT_UTF_8 = (
    "We cannot read this form: it is not written in UTF-8. Tell the university that sent you here "
    "to send its form in UTF-8."
)
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}")
_PRIVATE = re.compile(r"(?:^|\.)(?:localhost|local|internal|intranet|home|lan|test|invalid)\Z")
_HTTPS = 443
_USER_PORTS = range(1024, 65536)


@dataclass(frozen=True, slots=True)
class ReturnUrl:
    """Where the answer goes: the address as it was given, and the origin that is shown."""

    address: str
    host: str
    origin: str
    """For `form-action`: scheme, host and port."""

    @property
    def shown(self) -> str:
        """The host for people; one with letters outside ASCII in both of its forms (RFC 3492)."""
        try:
            plain = self.host.encode("ascii").decode("idna")
        except UnicodeError:
            return self.host
        return self.host if plain == self.host else f"{plain} ({self.host})"


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request, as it came."""

    session_id: str
    """Echoed byte for byte and never looked into."""
    return_url: ReturnUrl
    wishes: Mapping[str, str]
    """The optional fields that we know."""

    @property
    def by_form(self) -> bool:
        """Whether it came in a form, and is answered by one: EMREX 1.x."""
        return PROTOCOL not in self.wishes

    @property
    def transaction(self) -> str:
        """SHA-256 of the session id, by which its client knows the document for this transfer.

        Empty in EMREX 2.0, where the code binds them.
        """
        return hashlib.sha256(self.session_id.encode()).hexdigest() if self.by_form else ""


PROTOCOL = "protocol"
"""Stands among the wishes of what came otherwise; no form can put it there."""
WISHES = (
    "allowToPickCourses",
    "allowNotPassedCourses",
    "allowToPickLOIs",
    "allowNotPassedLOIs",
    "elmoVersion",
    "lang",
)


_NEEDED = ("sessionId", "returnUrl")


def fields_of(body: bytes) -> list[tuple[str, str]]:
    """The fields that we know of a form, in their order, doubled ones too.

    What is not UTF-8 cannot be sent back byte for byte by a page that is (emrex.md 4.4), so it is
    refused here; fields that we do not know may hold anything.

    Raises:
        RequestRefused: a field that we know is not in UTF-8, or there are too many fields.
    """
    try:  # Latin-1 has a letter for each byte, so that no byte is lost on the way
        found = parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as cause:
        raise RequestRefused("This form has too many fields.", "fields") from cause
    try:
        return [(name, _utf_8(value)) for name, value in found if name in {*_NEEDED, *WISHES}]
    except UnicodeDecodeError as cause:
        raise RequestRefused(NOT_UTF_8, "utf-8") from cause


def _utf_8(value: str) -> str:
    return value.encode("latin-1").decode()


def request_of(fields: Sequence[tuple[str, str]], *, local: bool = False) -> Request:
    """Read the fields of a form; fields that we do not know are passed over.

    Args:
        fields: names and values in the order in which they came.
        local: whether addresses of this machine are allowed, as in development.

    Raises:
        RequestRefused: a field that is needed is missing, doubled or out of its form.
    """
    session_id = _only(fields, "sessionId")
    if not 0 < len(session_id) <= MAX_SESSION or _UNPRINTED.search(session_id):
        raise RequestRefused("The field sessionId has 1 to 255 characters.", "session-id")
    known = {name: value for name, value in fields if name in WISHES}
    return Request(session_id, return_url(_only(fields, "returnUrl"), local=local), known)


def return_url(text: str, *, local: bool = False) -> ReturnUrl:
    """The address that an answer may go to.

    Raises:
        RequestRefused: not https, or anything in it that could lead elsewhere.
    """
    if not 0 < len(text) <= MAX_URL or _CONTROL.search(text) or not text.isascii():
        raise RequestRefused("The field returnUrl is not an address.", "return-url")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as cause:
        raise RequestRefused("The field returnUrl is not an address.", "return-url") from cause
    host = parts.hostname or ""
    if "@" in parts.netloc or "#" in text or not host:
        raise RequestRefused("The field returnUrl names a user or a place in a page.", "return-url")
    if not (local and _is_this_machine(host)):
        _require_public(parts.scheme, host, port)
    origin = f"{parts.scheme}://{host}" + ("" if port in {None, _HTTPS} else f":{port}")
    return ReturnUrl(text, host, origin)


def _require_public(scheme: str, host: str, port: int | None) -> None:
    if scheme != "https":
        raise RequestRefused("The field returnUrl begins with https://.", "not-https")
    if not _HOST.fullmatch(host) or _PRIVATE.search(host) or _is_number(host):
        raise RequestRefused("The field returnUrl names a host of the open internet.", "host")
    if port not in {None, _HTTPS} and port not in _USER_PORTS:
        raise RequestRefused("The field returnUrl names a port of a web server.", "port")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_this_machine(host: str) -> bool:
    return host in {"localhost", "127.0.0.1"}


def _only(fields: Sequence[tuple[str, str]], name: str) -> str:
    found = [value for known, value in fields if known == name]
    if len(found) != 1:
        raise RequestRefused(f"The field {name} is needed exactly once.", "fields")
    return found[0]
