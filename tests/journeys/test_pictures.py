"""The pictures for people are made, and there is something on each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser

from tests.journeys.pictures import take
from verifier.verdict import VerdictCode
from web.i18n import Language

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

WIDTH = 320
LEAST_SPREAD = 10
"""Of grey values; a blank page has none."""


def test_there_is_a_picture_of_every_verdict(chromium: Browser, tmp_path: Path) -> None:
    """verifier.md 4.1: one language and width here, all of them by the command."""
    taken = list(take(chromium, tmp_path / "pictures", [Language.DE], [WIDTH]))
    seen: Mapping[str, Path] = {path.stem: path for path in taken if path.suffix == ".png"}

    assert set(seen) == {f"{code.value}-de-{WIDTH}" for code in VerdictCode}
    for path in seen.values():
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        assert picture.shape[1] == WIDTH
        assert picture.shape[0] >= 800
        assert picture.std() > LEAST_SPREAD
    printed = [path.read_bytes() for path in taken if path.suffix == ".pdf"]
    assert len(printed) == len(VerdictCode)
    assert all(data.startswith(b"%PDF-") for data in printed)
    assert len({path.read_bytes() for path in seen.values()}) == len(VerdictCode)
