"""Keep the last answer, for the next step that asks the same about the same document.

One document passes many steps, and several need what an earlier one worked out. What is
kept is one answer per thread, about one document, by identity: another object is another
question, even if it is equal. So nothing of one person can reach the document of another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


def last_only(answer: Callable[[Question], Answer]) -> Callable[[Question], Answer]:
    """Remember the answer to the last question of each thread; questions never change."""
    kept = threading.local()

    def ask(question: Question) -> Answer:
        last: tuple[Question, Answer] | None = getattr(kept, "last", None)
        if last is None or last[0] is not question:
            kept.last = last = (question, answer(question))
        return last[1]

    return ask
