"""What the gate leaves out of a product is a combination, never a value."""

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
def test_each_value_of_each_axis_is_found(axes: list[list[str]]) -> None:
    rows = products.every_value(*axes, thorough=False)

    assert [set(column) for column in zip(*rows, strict=True)] == [set(axis) for axis in axes]


def test_a_thorough_run_leaves_nothing_out() -> None:
    assert len(products.every_value("abc", "de", thorough=True)) == 6
