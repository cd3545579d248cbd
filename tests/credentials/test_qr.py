"""Our modules are those of a library that is not ours, for any payload and version."""

from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import example, given
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import QRData

from credentials.qr import QUIET, draw
from credentials.qr_matrix import MASK, PayloadTooLong, matrix
from tests.credentials.paper import SAME_KEY, payload
from tests.credentials.people import PEOPLE, extract

ADDRESS = "https://echt.voorbeeld.nl/"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def library(text: str, correction: int) -> QRCode[Any]:
    """The same two segments by the `qrcode` library."""
    code: QRCode[Any] = QRCode(error_correction=correction, mask_pattern=MASK)
    address, mark, fragment = text.partition("#")
    code.add_data(QRData((address + mark).encode(), mode=4), optimize=0)
    if fragment:
        code.add_data(QRData(fragment.encode(), mode=2), optimize=0)
    code.make(fit=True)
    return code


def drawn_by_library(text: str) -> tuple[int, list[str]]:
    code = library(text, ERROR_CORRECT_M)
    if code.version > 17:
        code = library(text, ERROR_CORRECT_L)
    rows = ["".join("1" if dark else "0" for dark in row) for row in code.modules]
    return code.version, rows


@given(st.text(alphabet=BASE32, max_size=1200))
@example("")
@example("A" * 1200)
def test_any_fragment_gives_the_modules_of_the_library(fragment: str) -> None:
    text = f"{ADDRESS}#{fragment}"
    assert matrix(text) == drawn_by_library(text)


@pytest.mark.parametrize("letters", range(0, 3200, 160))
def test_every_size_gives_the_modules_of_the_library(letters: int) -> None:
    text = f"{ADDRESS}#{'Q7' * (letters // 2)}"
    assert matrix(text) == drawn_by_library(text)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="#"), max_size=60))
def test_any_address_gives_the_modules_of_the_library(address: str) -> None:
    assert matrix(f"{address}#AB2") == drawn_by_library(f"{address}#AB2")


@pytest.mark.parametrize("person", PEOPLE)
def test_a_reader_reads_the_modules(person: str) -> None:
    text = payload(extract(person), SAME_KEY)
    _, rows = matrix(text)
    dark = np.array([[module == "1" for module in row] for row in rows])
    pixels = np.where(np.pad(dark, QUIET), 0, 255).astype(np.uint8)
    large = cv2.resize(pixels, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    assert [found.text for found in zxingcpp.read_barcodes(large)] == [text]


def test_the_path_covers_the_dark_modules_once_and_no_other() -> None:
    text = payload(extract("hbo"), SAME_KEY)
    _, rows = matrix(text)
    side = len(rows) + 2 * QUIET
    painted = np.zeros((side, side), dtype=int)
    for line in re.findall(r"M([^M\"]+)", draw(text).svg.decode()):
        x, y = map(int, line.split("h")[0].split())
        for step, width in re.findall(r"(?:m(\d+) 0)?h(\d+)v1h-\d+z", line):
            x += int(step or 0)
            painted[y, x : x + int(width)] += 1
    wanted = np.pad(np.array([[module == "1" for module in row] for row in rows]), QUIET)
    assert (painted == wanted).all()


def test_more_than_any_code_holds_is_refused() -> None:
    with pytest.raises(PayloadTooLong):
        draw(f"{ADDRESS}#{'A' * 5000}")
