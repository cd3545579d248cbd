"""The QR codes in a picture, as text. What they say is nobody's word yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import zxingcpp

from verifier.intake import MAX_CODE

if TYPE_CHECKING:
    from verifier.picture.pixels import Grey

MAX_CODES = 20
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def texts_in(grey: Grey) -> tuple[str, ...]:
    """The texts of the QR codes that can be read, at most twenty."""
    if min(grey.width, grey.height) == 0:
        return ()
    image = memoryview(grey.octets).cast("B", shape=(grey.height, grey.width))
    found = zxingcpp.read_barcodes(image, formats=QR)
    texts = (code.bytes[: MAX_CODE + 1].decode("utf-8", "replace") for code in found[:MAX_CODES])
    return tuple(dict.fromkeys(text for text in texts if text))
