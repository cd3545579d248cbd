"""Where a transfer can be, and where it can go from there (emrex.md 3.2)."""

from __future__ import annotations

import enum
from collections.abc import Mapping


class State(enum.StrEnum):
    """The states of a transfer; the last five are ends, where its client is answered."""

    RECEIVED = "received"
    AUTHENTICATING = "authenticating"
    SELECTING = "selecting"
    PREVIEW = "preview"
    CONSENTED = "consented"
    SIGNED = "signed"
    HANDED_OVER = "handed-over"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    NO_RESULTS = "no-results"

    @property
    def can_expire(self) -> bool:
        """Whether it waits for somebody; what was signed waits for as long as it takes."""
        return State.EXPIRED in NEXT[self]


class ReturnCode(enum.StrEnum):
    """What the client is told, without the prefix of its protocol (NCP or EMP)."""

    OK = "OK"
    NO_RESULTS = "NO_RESULTS"
    CANCEL = "CANCEL"
    ERROR = "ERROR"


_STOPPED = frozenset({State.CANCELLED, State.EXPIRED, State.FAILED})

NEXT: Mapping[State, frozenset[State]] = {
    State.RECEIVED: _STOPPED | {State.AUTHENTICATING},
    State.AUTHENTICATING: _STOPPED | {State.SELECTING, State.NO_RESULTS},
    State.SELECTING: _STOPPED | {State.PREVIEW, State.NO_RESULTS},
    State.PREVIEW: _STOPPED | {State.SELECTING, State.CONSENTED},
    State.CONSENTED: _STOPPED | {State.SIGNED},
    State.SIGNED: frozenset({State.HANDED_OVER}),
    State.HANDED_OVER: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
    State.FAILED: frozenset(),
    State.NO_RESULTS: frozenset(),
}
"""What was signed is handed over, or nobody comes for it: then it never leaves, and is erased."""

CODES: Mapping[State, ReturnCode] = {
    State.HANDED_OVER: ReturnCode.OK,
    State.CANCELLED: ReturnCode.CANCEL,
    State.NO_RESULTS: ReturnCode.NO_RESULTS,
    State.EXPIRED: ReturnCode.ERROR,
    State.FAILED: ReturnCode.ERROR,
}
