"""Every pixel that differs lies in an area, and no area lies where nothing does."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from verifier.comparing import MAX_AREAS
from verifier.differences import CELL, WHOLE, Raster, changed_areas

WIDTH, HEIGHT = 60, 80
BLANK = Raster(WIDTH, HEIGHT, b"\xff" * (WIDTH * HEIGHT))
POINTS = st.sets(
    st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1)), min_size=1, max_size=30
)


def dotted(points: set[tuple[int, int]]) -> Raster:
    pixels = bytearray(BLANK.pixels)
    for x, y in points:
        pixels[y * WIDTH + x] = 0
    return replace(BLANK, pixels=bytes(pixels))


@given(POINTS)
def test_every_pixel_that_differs_lies_in_an_area(points: set[tuple[int, int]]) -> None:
    areas = changed_areas(BLANK, dotted(points))

    assert 1 <= len(areas) <= MAX_AREAS
    for x, y in points:
        assert any(
            area.left * WIDTH <= x < (area.left + area.width) * WIDTH + 1e-9
            and area.top * HEIGHT <= y < (area.top + area.height) * HEIGHT + 1e-9
            for area in areas
        )


@given(POINTS)
def test_no_area_leaves_the_page_and_which_side_is_which_does_not_matter(
    points: set[tuple[int, int]],
) -> None:
    page = dotted(points)
    areas = changed_areas(BLANK, page)

    assert areas == changed_areas(page, BLANK)
    for area in areas:
        assert area.left >= 0 <= area.top
        assert area.left + area.width <= 1 + 1e-9
        assert area.top + area.height <= 1 + 1e-9


@given(POINTS)
def test_a_page_does_not_differ_from_itself(points: set[tuple[int, int]]) -> None:
    page = dotted(points)

    assert changed_areas(page, Raster(WIDTH, HEIGHT, bytes(page.pixels))) == ()


def test_two_far_spots_are_two_areas_and_one_spot_is_a_small_one() -> None:
    one, two = changed_areas(BLANK, dotted({(2, 2), (50, 75)}))

    assert one.top < 0.2
    assert two.top > 0.8
    assert one.width * WIDTH == CELL


def test_a_page_of_another_size_or_of_one_side_alone_differs_as_a_whole() -> None:
    assert changed_areas(BLANK, Raster(1, 1, b"\x00")) == WHOLE
    assert changed_areas(None, BLANK) == WHOLE
    assert changed_areas(BLANK, None) == WHOLE
    assert changed_areas(None, None) == ()
