"""An altered file shows where it was altered, out of itself alone; a hostile one shows nothing."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.sealing import Level
from tests.attacks.updates import ATTACKS, Anatomy, anatomy, update
from tests.verifier import hostile
from tests.verifier.sealed import NOW, World
from verifier import changes, comparing
from verifier.comparing import Area, Comparison, PageChange
from verifier.differences import Raster
from verifier.drawing import MAX_SIDE, compare, png
from verifier.errors import ReadingFailed
from verifier.pdf.earlier import sealed_revision
from verifier.sandbox import Sandbox

FRACTIONS = st.floats(0, 1)
AREAS = st.builds(Area, FRACTIONS, FRACTIONS, FRACTIONS, FRACTIONS)
PICTURES = st.none() | st.binary(max_size=50).map(lambda data: b"\x89PNG\r\n\x1a\n" + data)
PAGES = st.builds(
    PageChange,
    st.integers(1, comparing.MAX_PAGES),
    PICTURES,
    PICTURES,
    st.lists(AREAS, max_size=comparing.MAX_AREAS).map(tuple),
)


def overdrawn(genuine: Anatomy) -> bytes:
    """A black box put over the lower left of the page in an update after the seal."""
    note, look = genuine.next_number, genuine.next_number + 1
    page = re.sub(rb"/Annots\s*\[", b"/Annots [ %d 0 R " % note, genuine.source(genuine.page))
    box = b"0 0 200 30 re f"
    stream = b"<</Type/XObject/Subtype/Form/BBox[0 0 200 30]/Length %d>>\nstream\n%s\nendstream"
    annotation = b"<</Type/Annot/Subtype/Stamp/F 4/Rect[60 100 260 130]/AP<</N %d 0 R>>>>" % look
    objects = {genuine.page: page, note: annotation, look: stream % (len(box), box)}
    return update(genuine, objects)


@pytest.mark.parametrize("level", [Level.B_T, Level.B_LTA])
def test_the_sealed_revision_is_found_under_what_came_after(
    level: Level, world: World, page: bytes
) -> None:
    genuine = anatomy(world.seal(page, level))
    sealed_end = genuine.file.revisions[1].end

    assert sealed_revision(overdrawn(genuine), world.trust, NOW) == genuine.data[:sealed_end]


def test_nothing_is_found_in_a_file_that_holds_no_intact_revision(
    world: World, sealed: bytes, page: bytes
) -> None:
    spoiled = ATTACKS["content_bit"](anatomy(sealed))

    assert sealed_revision(sealed, world.trust, NOW) is None
    assert sealed_revision(spoiled + b"\n", world.trust, NOW) is None
    assert sealed_revision(page, world.trust, NOW) is None
    assert sealed_revision(overdrawn(anatomy(sealed)), None, NOW) is None


def test_what_was_drawn_over_the_page_is_framed(
    sandbox: Sandbox, world: World, sealed: bytes
) -> None:
    """verifier.md 3.7.3: an area of the uploaded file, drawn in a closed room."""
    found = sandbox.compare(overdrawn(anatomy(sealed)), world.trust, NOW)

    assert found is not None
    (page,) = found.pages
    (area,) = page.areas
    assert page.page == 1
    assert area.left < 0.15
    assert 0.8 < area.top < 0.9
    assert 0.3 < area.width < 0.4
    assert area.height < 0.06
    assert [changes.place_of(one) for one in page.areas] == ["lower"]
    assert page.before is not None
    assert page.after is not None
    assert len(page.before) + len(page.after) < 2 * comparing.MAX_PICTURE


def test_a_page_too_many_is_shown_without_a_side_before(world: World) -> None:
    found = compare(world.page(), world.page(pages=2))

    assert found is not None
    assert [(one.page, one.before is None) for one in found.pages] == [(2, True)]


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7\n", hostile.deflate_bomb(), hostile.previous_loop(), hostile.field_loop()],
)
def test_a_hostile_file_is_just_not_compared(data: bytes, sandbox: Sandbox, world: World) -> None:
    assert sandbox.compare(data, world.trust, NOW) is None


def test_a_huge_page_is_drawn_small(sealed: bytes) -> None:
    genuine = anatomy(sealed)
    body = re.sub(
        rb"/MediaBox\s*\[[^\]]*\]", b"/MediaBox[0 0 14400 14400]", genuine.source(genuine.page)
    )
    found = compare(sealed, update(genuine, {genuine.page: body}))

    assert found is not None
    after = changes.shown(found)[0].after
    assert after is not None
    assert max(after.width, after.height) <= MAX_SIDE


@given(st.lists(PAGES, max_size=comparing.MAX_PAGES).map(tuple))
def test_a_comparison_survives_the_wire(pages: tuple[PageChange, ...]) -> None:
    sent = Comparison(pages)

    assert comparing.understood(comparing.told(sent)) == (sent if pages else None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"pages":[{}]}',
        b'{"pages":[{"page":0,"areas":[],"before":null,"after":null}]}',
        b'{"pages":[{"page":1,"areas":[[0,0,2,1]],"before":null,"after":null}]}',
        b'{"pages":[{"page":1,"areas":[[0,0]],"before":null,"after":null}]}',
        b'{"pages":[{"page":1,"areas":[],"before":"PHN2Zz4=","after":null}]}',
        b'{"pages":[{"page":1,"areas":[],"before":7,"after":null}]}',
    ],
)
def test_a_comparison_of_another_form_is_none(body: bytes) -> None:
    with pytest.raises(ReadingFailed):
        comparing.understood(body)


def test_the_picture_is_a_png_that_another_program_reads() -> None:
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    raster = Raster(3, 2, bytes([0, 50, 100, 150, 200, 250]))
    read = cv2.imdecode(np.frombuffer(png(raster), np.uint8), cv2.IMREAD_GRAYSCALE)

    assert read is not None
    assert io.BytesIO(read.tobytes()).read() == raster.pixels
