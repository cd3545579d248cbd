"""Signed QR codes of the test hierarchy, and pictures of them."""

from __future__ import annotations

import io
from base64 import b32decode, b32encode
from typing import Any

import cbor2
import qrcode
from PIL import Image

from credentials.facts import sign1
from keys import hierarchy
from tests.verifier.sealed import ADDRESS, NUMBER, World

ISSUED = 1795266000  # 2026-11-21T13:00:00Z
CLAIMS: dict[int, Any] = {
    0: 1,
    1: NUMBER,
    2: "Noor van den Łukasiewicz-Özdemir",
    3: "2001-05-14",
    4: "Bachelor Nursing",
    5: "99001",
    6: "Bachelor of Science",
    7: "Hogeschool De Horst",
    8: "00XX",
    9: "2024-07-05",
    10: "passed",
    11: "6",
    12: 6,
    13: "en",
    14: ISSUED,
}
OURS = f"https://{ADDRESS}/#"


def statement(
    world: World, claims: dict[int, Any] | None = None, *, purpose: str = "facts"
) -> bytes:
    """A COSE_Sign1 of the hierarchy over these claims, as the issuer makes it."""
    payload = cbor2.dumps(CLAIMS if claims is None else claims, canonical=True)
    return sign1(payload, hierarchy.open_signer(world.keys, purpose))


def letters(octets: bytes) -> str:
    """Base32 as it stands in a code."""
    return b32encode(octets).decode().rstrip("=")


def octets(text: str) -> bytes:
    """And back."""
    return b32decode(text + "=" * (-len(text) % 8))


def picture(text: str, *, kind: str = "PNG", mode: str = "L") -> bytes:
    """A page with this code in a corner, as a camera or a screen would keep it."""
    code: qrcode.QRCode[Any] = qrcode.QRCode(box_size=4, border=4)
    code.add_data(text)
    code.make()
    drawn = io.BytesIO()
    code.make_image().save(drawn)
    page = Image.new("L", (900, 1200), 255)
    page.paste(Image.open(drawn).convert("L"), (60, 200))
    output = io.BytesIO()
    page.convert(mode).save(output, kind)
    return output.getvalue()
