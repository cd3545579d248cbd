"""The four fields of an answer, which the holder's browser carries to the client (emrex.md 2.2)."""

from __future__ import annotations

from dataclasses import dataclass

from emrex.exchange.clients import Client
from emrex.exchange.request import ReturnUrl
from emrex.exchange.states import ReturnCode
from emrex.exchange.transaction import Transaction
from emrex.packing import packed

TARGET = 1_500_000
"""Bytes of an answer that every server takes."""
MESSAGES = {
    ReturnCode.OK: "",
    ReturnCode.NO_RESULTS: "No results were found for this person.",
    ReturnCode.CANCEL: "The person decided not to share results.",
    ReturnCode.ERROR: "The results could not be retrieved. Please try again later.",
}
"""For people at the client; the same whatever the cause, because causes are about somebody."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes to the client, and where."""

    to: ReturnUrl
    fields: tuple[tuple[str, str], ...]

    @property
    def is_large(self) -> bool:
        """Whether servers that limit forms may refuse it; many stop at 2 MB (emrex.md 3.4)."""
        return sum(len(value) for _, value in self.fields) > TARGET


def answer(
    transaction: Transaction, client: Client | None = None, document: bytes | None = None
) -> Answer:
    """The answer of a transfer that ended; `document` only with OK.

    Raises:
        WrongState: it has not ended.
    """
    request, code = transaction.request, transaction.code
    fields = _fields(request.session_id, code, client)
    if code is ReturnCode.OK and document is not None:
        fields += (("elmo", packed(document)),)
    return Answer(request.return_url, fields)


def failure(to: ReturnUrl, session_id: str, client: Client | None = None) -> Answer:
    """The answer that is true whatever became of a transfer: nothing comes of it."""
    return Answer(to, _fields(session_id, ReturnCode.ERROR, client))


def _fields(
    session_id: str, code: ReturnCode, client: Client | None
) -> tuple[tuple[str, str], ...]:
    prefix = "EMP" if client and client.takes_emp else "NCP"
    return (
        ("sessionId", session_id),
        ("returnCode", f"{prefix}_{code}"),
        ("returnMessage", MESSAGES[code]),
    )
