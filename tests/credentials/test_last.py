"""What is kept is one answer about one very object, in one thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from credentials.attachment import extract_json
from credentials.last import last_only
from tests.credentials.people import PEOPLE, extract


class Counting:
    """Answers, and counts how often it had to."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, question: list[int]) -> int:
        self.asked += 1
        if not question:
            raise ValueError("nothing asked")
        return sum(question)


def test_the_same_object_is_answered_once_and_an_equal_one_anew() -> None:
    count = Counting()
    ask, first, equal = last_only(count), [1, 2], [1, 2]
    assert [ask(first), ask(first), ask(equal), ask(first)] == [3, 3, 3, 3]
    assert count.asked == 3


def test_a_failure_is_not_kept() -> None:
    count = Counting()
    ask, empty = last_only(count), list[int]()
    for _ in range(2):
        with pytest.raises(ValueError, match="nothing asked"):
            ask(empty)
    assert count.asked == 2


def test_threads_do_not_share_what_is_kept() -> None:
    asked = [extract(person) for person in PEOPLE] * 20
    alone = [extract_json(extract(person)) for person in PEOPLE] * 20
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(extract_json, asked)) == alone
