"""What the gate leaves out of a product is never a value, and never a pair of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests import products

AXES = st.lists(
    st.integers(1, 4).map(lambda size: [f"v{place}" for place in range(size)]),
    min_size=2,
    max_size=4,
)


@given(AXES)
def test_any_two_values_of_two_axes_meet_in_a_row(axes: list[list[str]]) -> None:
    rows = products.every_pair(*axes, thorough=False)

    assert products.every_two_meet(rows)
    assert [set(column) for column in zip(*rows, strict=True)] == [set(axis) for axis in axes]


def test_two_that_never_meet_are_missed() -> None:
    assert products.every_two_meet([("a", 1), ("a", 2), ("b", 1), ("b", 2)])
    assert not products.every_two_meet([("a", 1), ("a", 2), ("b", 1)])


@given(AXES)
def test_each_value_of_each_axis_is_found(axes: list[list[str]]) -> None:
    rows = products.every_value(*axes, thorough=False)

    assert [set(column) for column in zip(*rows, strict=True)] == [set(axis) for axis in axes]


def test_the_grid_of_levels_is_a_seventh_of_the_product() -> None:
    assert len(products.every_pair(range(3), range(3), range(4), range(3), thorough=False)) <= 16


def test_a_thorough_run_leaves_nothing_out() -> None:
    assert len(products.every_pair("abc", "de", "fg", thorough=True)) == 12
    assert len(products.every_value("abc", "de", thorough=True)) == 6
