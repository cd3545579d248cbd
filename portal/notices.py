"""What the holder reads about an extract that was asked for while sealing was paused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from credentials.extract import Language, Purpose
from credentials.lines import Part
from credentials.waiting import Wish, WishState

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Notice:
    """One wish, in words."""

    award_id: str
    title: Part
    language: Language
    purpose: Purpose
    asked_at: datetime
    state: WishState
    reason: str
    """Why it could not be made; empty unless refused."""


def notice_of(wish: Wish, title: Part, *, withdrawn: bool, translate: Translate) -> Notice:
    """The wish in words. A document of a diploma withdrawn since cannot be had any more."""
    state, outcome = wish.state, wish.outcome
    if withdrawn and state is WishState.READY:
        state, outcome = WishState.REFUSED, "nothing-to-state"
    reason = _reason(outcome, translate) if state is WishState.REFUSED else ""
    return Notice(wish.award_id, title, wish.language, wish.purpose, wish.asked_at, state, reason)


def _reason(kind: str, translate: Translate) -> str:
    """Why, and what to do now; whatever else went wrong is our fault to find."""
    reasons = {
        "nothing-to-state": translate(
            "The diploma was withdrawn after you asked."
            " Ask your school or university what happened."
        ),
        "not-registered": translate(
            "The register no longer has this diploma in your name."
            " Ask your school or university what happened."
        ),
        "uncovered-text": translate(
            "There is a letter in your record that we cannot print yet. Ask again in a few days."
        ),
    }
    ours = translate("The fault is ours, not yours. Ask again tomorrow, or contact us.")
    return reasons.get(kind, ours)
