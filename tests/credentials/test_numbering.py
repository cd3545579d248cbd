"""Document numbers cannot be guessed and are drawn fairly."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from credentials.numbering import ALPHABET, document_number


@given(seed=st.integers())
def test_a_number_has_three_groups_of_letters_nobody_confuses(seed: int) -> None:
    number = document_number(random.Random(seed).randbytes)

    assert [len(group) for group in number.split("-")] == [4, 4, 4]
    assert set(number) <= set(ALPHABET) | {"-"}
    assert not set("01ILO") & set(number)


def test_every_letter_is_equally_likely() -> None:
    source = random.Random(7)
    letters = Counter("".join(document_number(source.randbytes) for _ in range(8_000)))
    del letters["-"]

    share = 8_000 * 12 / len(ALPHABET)
    assert set(letters) == set(ALPHABET)
    assert all(abs(count - share) < 0.1 * share for count in letters.values())


def test_bytes_at_the_uneven_end_are_not_used() -> None:
    given_bytes = iter([b"\xff" * 16, bytes(range(16))])

    assert document_number(lambda _: next(given_bytes)) == "2345-6789-ABCD"
