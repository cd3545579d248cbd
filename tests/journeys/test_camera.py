"""A code that a camera sees, read and judged in the page (verifier.md rows 5, 6 and 9).

The browser is one whose camera shows a film of ours. It is not the `chromium` of other journeys,
whose event loop would be in the way, and so these tests have a file of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Browser, Request, sync_playwright

from tests import judges
from tests.journeys.conftest import QUIET, a_visit, kept_in
from tests.journeys.scanning import Site, scanning_site
from web.i18n import Language

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

ANSWER = "[data-scanned-answer] [data-code]"
LINES = 9
FRAME = (720, 1280)
SIDE = 560


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with scanning_site(tmp_path_factory.mktemp("camera")) as site:
        site.statuses.known["K7QD-3MXF-9TRA"] = "good"
        yield site


def film(text: str, path: Path) -> Path:
    """A table, then a hand that holds a paper with a code before the camera (YUV4MPEG2)."""
    height, width = FRAME
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for step in range(20):
            frame = paper(text, turned=step / 4 - 2) if step > 4 else np.full(FRAME, 90, np.uint8)
            out.write(b"FRAME\n" + frame.tobytes() + b"\x80" * (height * width // 2))
    return path


def paper(text: str, *, turned: float) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """One frame: the code a little askew and out of focus."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    drawn = np.asarray(zxingcpp.write_barcode_to_image(code))
    square = cv2.resize(drawn, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    height, width = FRAME
    seen = np.full(FRAME, 200, np.uint8)
    top, left = (height - SIDE) // 2, (width - SIDE) // 2
    seen[top : top + SIDE, left : left + SIDE] = square
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), turned, 1)
    askew = cv2.warpAffine(seen, turn, (width, height), borderValue=(90,))
    return np.asarray(cv2.GaussianBlur(askew, (3, 3), 0), np.uint8)


@pytest.fixture(name="camera")
def _camera(site: Site, tmp_path: Path) -> Iterator[Browser]:
    """A browser whose camera sees that film over and over."""
    seen = film(site.code(), tmp_path / "seen.y4m")
    told = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={seen}",
    ]
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=judges.browser(), args=[*QUIET, *told])
        yield browser
        browser.close()


def test_the_camera_reads_a_code_and_is_put_out(camera: Browser, site: Site) -> None:
    """verifier.md rows 5 and 6: seen, decoded and judged in the page, in three languages."""
    for language in Language:
        asked: list[Request] = []
        with a_visit(camera, viewport={"width": 390, "height": 844}) as context:
            context.on("request", kept_in(asked))
            page = context.new_page()
            page.goto(f"{site.address}/{language}/qr")
            page.locator("[data-start]").click()

            page.wait_for_selector(ANSWER)
            assert page.locator(ANSWER).get_attribute("data-code") == "QR_GENUINE_COMPARE"
            assert page.locator(".echt-tick:visible").count() == LINES
            assert page.locator("video").evaluate("video => video.srcObject") is None
            assert all(one.post_data is None for one in asked)
            native = page.evaluate("'BarcodeDetector' in globalThis")
            assert native or any("/vendor/qr/decode.js" in one.url for one in asked)
