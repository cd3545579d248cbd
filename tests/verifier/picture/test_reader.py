"""A picture has no seal. A code in it can only lower what is said of it, or earn a hint."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from tests.verifier import hostile
from tests.verifier.coded import OURS, letters, picture, statement
from tests.verifier.conftest import a_verifier
from tests.verifier.sealed import World
from verifier.intake import Kind
from verifier.picture import pixels
from verifier.picture.pixels import NotDecoded
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier


@pytest.fixture(scope="module", name="code")
def _code(world: World) -> str:
    return OURS + letters(statement(world))


def _scan(image: bytes, kind: str) -> bytes:
    """A PDF around a picture, as a scanner or a phone makes it."""
    output = io.BytesIO()
    with Image.open(io.BytesIO(image)) as opened:
        if kind == "flate":
            return _flate_pdf(opened.convert("RGB"))
        opened.convert("RGB").save(output, "PDF")
    return output.getvalue()


def _flate_pdf(image: Image.Image) -> bytes:
    packed = zlib.compress(image.tobytes())
    described = (
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB"
        b"/BitsPerComponent 8/Filter/FlateDecode/Length %d>>" % (*image.size, len(packed))
    )
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<</I 5 0 R>>>>>>"
    body = described + b"\nstream\n" + packed + b"\nendstream"
    return hostile.bare({1: hostile.CATALOG, 2: pages, 3: page, 4: b"<<>>", 5: body})


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "L"), ("PNG", "RGBA"), ("JPEG", "RGB")])
def test_a_photo_of_a_genuine_code_is_not_the_original_and_hints_at_the_code(
    kind: str, mode: str, verifier: Verifier, code: str
) -> None:
    """verifier.md 3.2 step 3: a code inside a file never raises the verdict of that file."""
    verdict = verifier.verify(picture(code, kind=kind, mode=mode))

    assert verdict.code is VerdictCode.NOT_ORIGINAL
    assert verdict.flags == ("scan_the_code",)
    assert verdict.facts is None
    assert verdict.details.key_id is None


@pytest.mark.parametrize("form", ["jpeg", "flate"])
def test_a_scan_is_looked_into_like_a_photo(form: str, verifier: Verifier, code: str) -> None:
    verdict = verifier.verify(_scan(picture(code, mode="RGB"), form))

    assert verdict.code is VerdictCode.NOT_ORIGINAL
    assert verdict.flags == ("scan_the_code",)


@pytest.mark.parametrize("wrapped", ["picture", "scan"])
@pytest.mark.parametrize("host", ["evil.example", "www.echt.voorbeeld.nl"])
def test_a_code_in_a_file_that_claims_to_be_ours_warns(
    wrapped: str, host: str, verifier: Verifier, code: str
) -> None:
    """verifier.md F9 inside a file."""
    image = picture(code.replace("echt.voorbeeld.nl", host))

    verdict = verifier.verify(image if wrapped == "picture" else _scan(image, "jpeg"))

    assert verdict.code is VerdictCode.NOT_OURS
    assert verdict.flags == ("lookalike_host",)


def test_a_false_code_wins_over_a_genuine_one(verifier: Verifier, code: str) -> None:
    both = Image.new("L", (1800, 1200), 255)
    for at, text in ((0, code), (900, code[:-9] + "AAAAAAAAA")):
        both.paste(Image.open(io.BytesIO(picture(text))), (at, 0))
    output = io.BytesIO()
    both.save(output, "PNG")

    verdict = verifier.verify(output.getvalue())

    assert (verdict.code, verdict.flags) == (VerdictCode.NOT_OURS, ("lookalike_code",))


@pytest.mark.parametrize("text", ["https://restaurant.example/menu", "https://echt.voorbeeld.nl/"])
def test_an_unrelated_code_says_nothing(text: str, verifier: Verifier) -> None:
    verdict = verifier.verify(picture(text))

    assert (verdict.code, verdict.flags) == (VerdictCode.NOT_ORIGINAL, ())
    assert "other_address" not in verdict.reasons


def test_a_sealed_file_is_not_searched_for_codes(verifier: Verifier, sealed: bytes) -> None:
    assert verifier.verify(sealed).code is VerdictCode.GENUINE_CURRENT


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(2000),
        b"\xff\xd8\xff\xe0" + bytes(2000),
        b"GIF89a" + bytes(100),
        b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(100),
        b"\x00\x00\x00\x18ftypheic" + bytes(100),
    ],
)
def test_a_picture_that_cannot_be_decoded_is_a_picture_all_the_same(
    data: bytes, verifier: Verifier
) -> None:
    verdict = verifier.verify(data)

    assert (verdict.code, verdict.flags) == (VerdictCode.NOT_ORIGINAL, ())


def _png_bomb(width: int, height: int) -> bytes:
    rows = zlib.compress(bytes(1 << 16), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


@pytest.mark.parametrize("size", [(50_000, 50_000), (20_000_001, 1), (2**31 - 1, 2**31 - 1)])
def test_a_picture_with_too_many_pixels_is_never_decoded(size: tuple[int, int]) -> None:
    """verifier.md 4.17: the size is read from the head, and no row is unpacked."""
    with pytest.raises(NotDecoded, match="picture_"):
        pixels.decode(_png_bomb(*size), Kind.PNG)


def test_a_large_photo_is_decoded_at_a_fraction_of_its_size() -> None:
    output = io.BytesIO()
    Image.new("RGB", (8000, 6000), "white").save(output, "JPEG", quality=20)

    grey = pixels.decode(output.getvalue(), Kind.JPEG)

    assert max(grey.width, grey.height) == 4000
    assert len(grey.octets) == grey.width * grey.height


def test_codes_are_found_in_what_a_scanner_packs_with_predictors(world: World, code: str) -> None:
    """Rows with PNG's predictors, as pictures stand in PDF files made from screenshots."""
    with Image.open(io.BytesIO(picture(code))) as opened:
        data = opened.tobytes()
        width, height = opened.size
    rows = b"".join(b"\x00" + data[at : at + width] for at in range(0, len(data), width))
    packed = zlib.compress(rows)
    described = (
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray"
        b"/BitsPerComponent 8/DecodeParms<</Predictor 15/Colors 1/Columns %d>>"
        b"/Filter/FlateDecode/Length %d>>" % (width, height, width, len(packed))
    )
    body = described + b"\nstream\n" + packed + b"\nendstream"
    pages = b"<</Type/Pages/Count 0/Kids[]>>"
    scan = hostile.bare({1: hostile.CATALOG, 2: pages, 4: b"<<>>", 5: body})

    assert a_verifier(world).verify(scan).flags == ("scan_the_code",)
