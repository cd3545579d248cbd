"""Programs that people open, print and save files with."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests import judges

Grey = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def saved_by(data: bytes, command: str, other: bytes = b"") -> bytes:
    """What a program writes to `out.pdf` when it finds `in.pdf` (and `other.pdf`) beside it."""
    with tempfile.TemporaryDirectory() as folder:
        program, *rest = command.split()
        (Path(folder) / "in.pdf").write_bytes(data)
        (Path(folder) / "other.pdf").write_bytes(other)
        done = subprocess.run(
            [judges.require(program), *rest], cwd=folder, check=False, capture_output=True
        )
        assert done.returncode in {0, 3}, done.stderr.decode()  # 3: qpdf, with warnings
        return (Path(folder) / "out.pdf").read_bytes()


def rewritten(data: bytes, old: bytes, new: bytes) -> bytes:
    """Taken apart to plain text, edited and put together again, as `qpdf --qdf` is meant for."""
    plain = saved_by(data, "qpdf --qdf --object-streams=disable in.pdf out.pdf")
    changed, count = re.subn(old, new, plain, count=1)
    assert count == 1, old
    done = subprocess.run(
        [judges.require("fix-qdf")], input=changed, check=True, capture_output=True
    )
    return done.stdout


def screenshot(data: bytes, dpi: int = 96) -> Image.Image:
    """The first page as a screen shows it."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.pdf"
        source.write_bytes(data)
        told = ["-r", str(dpi), "-singlefile", "-png", str(source), f"{folder}/page"]
        subprocess.run([judges.require("pdftoppm"), *told], check=True, capture_output=True)
        with Image.open(f"{folder}/page.png") as opened:
            return opened.convert("RGB")


def printed_by_browser(image: Image.Image) -> bytes:
    """What Chromium writes for "save as PDF" of a viewer that shows a page as a picture."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.png").write_bytes(file_of(image, "PNG"))
        viewer = '<title>diploma.pdf</title><img src="page.png" style="width: 100%">'
        (Path(folder) / "viewer.html").write_text(viewer, encoding="utf-8")
        told = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        told += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={folder}/out.pdf"]
        subprocess.run(
            [judges.browser(), *told, f"file://{folder}/viewer.html"],
            check=True,
            capture_output=True,
        )
        return (Path(folder) / "out.pdf").read_bytes()


def file_of(image: Image.Image, kind: str, **options: int) -> bytes:
    """A picture as a file."""
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def scanned(image: Image.Image) -> Image.Image:
    """As a scanner sees it: grey, a little askew, with noise."""
    turned = image.convert("L").rotate(1.3, expand=True, fillcolor=255)
    noise = np.random.default_rng(7).normal(0, 9, (turned.height, turned.width))
    return Image.fromarray(np.clip(np.asarray(turned) + noise, 0, 255).astype(np.uint8))


def photographed(image: Image.Image) -> Image.Image:
    """As a phone above a table sees it: in perspective, blurred, with a shadow."""
    flat = np.asarray(image.convert("L"))
    height, width = flat.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array([[0.08, 0.05], [0.93, 0.09], [0.97, 0.96], [0.03, 0.93]], np.float32)
    turn = cv2.getPerspectiveTransform(corners, seen * np.array([width, height], np.float32))
    tilted = cv2.warpPerspective(flat, turn, (width, height), borderValue=90)
    soft = cv2.GaussianBlur(tilted, (3, 3), 0)
    shadow = np.linspace(1.0, 0.72, width)
    return Image.fromarray((soft * shadow).astype(np.uint8))


def opened(data: bytes) -> Image.Image:
    """A picture from its file."""
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")
