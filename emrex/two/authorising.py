"""The way through the browser: a client's request begins a transfer, and a code ends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from callers.tokens import digest
from emrex.errors import NoSuchTransfer
from emrex.exchange.exchanging import Exchange
from emrex.exchange.request import PROTOCOL, Request
from emrex.exchange.states import ReturnCode, State
from emrex.exchange.transaction import Transaction
from emrex.two.asking import asked
from emrex.two.clients import Registered
from emrex.two.grant import CODE_LIVES, Grant, code_of
from emrex.two.ports import Grants
from storage.errors import StorageUnavailable

ERRORS = {ReturnCode.CANCEL: "access_denied", ReturnCode.ERROR: "server_error"}
"""The same whatever the cause, because causes are about somebody."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A transfer that a client's request began, for one browser."""

    tid: str
    secret: str
    failure: str
    """The address at which the client hears of an outage."""


@dataclass(frozen=True, slots=True)
class Authorising:
    """Authorisation of one instance."""

    exchange: Exchange
    grants: Grants
    clients: Mapping[str, Registered]
    issuer: str
    """Our own address, in every answer: RFC 9207."""

    def begin(self, params: Sequence[tuple[str, str]]) -> Begun | str:
        """Take a client's request in; or the address at which the client hears what is wrong.

        Raises:
            RequestRefused: nobody is registered by that name, or with another address.
        """
        request = asked(params, self.clients)
        client, now = request.client, self._now()
        if request.fault:
            return self._address(client.redirect.address, request.state, error=request.fault)
        address = client.redirect.address
        failure = self._address(address, request.state, error=ERRORS[ReturnCode.ERROR])
        wishes = {PROTOCOL: "2"}
        try:
            tid, secret = self.exchange.open(Request(client.client_id, client.redirect, wishes))
            grant = Grant(tid, client.client_id, address, request.state, request.challenge, now)
            self.grants.add(grant)
        except StorageUnavailable:
            return failure
        return Begun(tid, secret, failure)

    def address(self, transfer: Transaction, secret: str) -> str:
        """Where the browser takes the answer of a transfer that ended: a code, or an error.

        Raises:
            NoSuchTransfer: it began too long ago.
            WrongState: it has not ended, or was handed over already.
        """
        grant = self.grants.find(transfer.tid)
        if grant is None:
            raise NoSuchTransfer("There is no transfer here. Start again at the university.")
        if transfer.state in {State.SIGNED, State.HANDED_OVER}:
            transfer = self.exchange.fetched(transfer)
        if transfer.code in ERRORS:
            return self._address(grant.redirect_uri, grant.state, error=ERRORS[transfer.code])
        code = code_of(transfer.tid, secret)
        self.grants.give_code(_with_code(grant, transfer), digest(code))
        return self._address(grant.redirect_uri, grant.state, code=code)

    def _address(self, address: str, state: str, **told: str) -> str:
        told |= {"iss": self.issuer} | ({"state": state} if state else {})
        return address + ("&" if "?" in address else "?") + urlencode(told)

    def _now(self) -> datetime:
        return self.exchange.clock().replace(microsecond=0)


def _with_code(grant: Grant, transfer: Transaction) -> Grant:
    """Nobody has results also when nothing was found: the client hears it when it fetches."""
    return replace(
        grant,
        person_id=transfer.holder.person_id if transfer.holder else "",
        has_results=transfer.state is State.HANDED_OVER,
        code_until=(transfer.handed_over or transfer.touched) + CODE_LIVES,
    )
