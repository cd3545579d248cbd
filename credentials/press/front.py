"""What every document of the press begins with, the same to the byte: its colours and its fonts.

It is written once for a process. Whoever reads many documents may compare it, which costs a
hundredth of reading it: the sealer does.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from credentials.press.embedding import embed
from credentials.press.file import HEADER, STRONGEST, Objects, encoded, pack, row, stream
from credentials.press.shaping import FACES

_INTENT: Final = (
    b"<</Type/OutputIntent/DestOutputProfile %d 0 R/S/GTS_PDFA1/OutputConditionIdentifier(Custom)"
    b"/OutputCondition(sRGB)/RegistryName()/Info(sRGB v4.2)>>"
)


class Front(NamedTuple):
    """The header and the first objects of a file, and the numbers by which the others name them."""

    data: bytes
    rows: bytes
    """Of its objects, as they stand in the cross-reference table."""
    objects: int
    intents: int
    colour: int
    black: int
    fonts: dict[int, int]
    """Object of each small subset, by the number of the subset."""


@cache
def front() -> Front:
    """Made at first use: the fonts are cut then."""
    objects = Objects()
    rgb, gray = objects.add(_profile("srgb.icc", 3)), objects.add(_profile("gray.icc", 1))
    intents = objects.add(b"[%d 0 R]" % objects.add(_INTENT % rgb))
    colour, black = (objects.add(b"[/ICCBased %d 0 R]" % one) for one in (rgb, gray))
    fonts = {face: embed(objects, face) for face in range(FACES)}
    data, rows = HEADER, b""
    for number, body in enumerate(objects.bodies(), 1):
        rows += row(len(data))
        data += encoded(number, body)
    return Front(data, rows, len(objects.bodies()), intents, colour, black, fonts)


def _profile(name: str, components: int) -> bytes:
    data = files("credentials").joinpath(f"data/{name}").read_bytes()
    span = b" ".join([b"0 1"] * components)
    return stream(b"/N %d/Range[%b]" % (components, span), pack(data, STRONGEST))
