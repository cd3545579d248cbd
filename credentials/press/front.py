"""What every document of the press begins with, the same to the byte: its colours and its fonts.

Letters that few documents need are in larger subsets; a document with one of those begins with
them too. So there are a few beginnings, each written once for a process. Whoever reads many
documents may compare them, which costs a hundredth of reading them: the sealer does.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Final, NamedTuple

from credentials.press.embedding import embed
from credentials.press.file import HEADER, STRONGEST, Objects, encoded, pack, row, stream
from credentials.press.shaping import FACES
from credentials.press.subsets import LARGER

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
    """Object of each subset in it, by the number of the subset."""


def front(drawn: frozenset[int] = frozenset()) -> Front:
    """The beginning of a document in which these subsets are drawn, or some of them."""
    return _front(drawn & LARGER)


def fronts() -> list[Front]:
    """Every beginning there is, the longest first."""
    drawn = [one for count in range(len(LARGER) + 1) for one in combinations(LARGER, count)]
    return sorted(map(_front, map(frozenset, drawn)), key=lambda one: -len(one.data))


@cache
def _front(larger: frozenset[int]) -> Front:
    """Made at first use: the fonts are cut then."""
    objects = Objects()
    rgb, gray = objects.add(_profile("srgb.icc", 3)), objects.add(_profile("gray.icc", 1))
    intents = objects.add(b"[%d 0 R]" % objects.add(_INTENT % rgb))
    colour, black = (objects.add(b"[/ICCBased %d 0 R]" % one) for one in (rgb, gray))
    fonts = {font: embed(objects, font) for font in (*range(FACES), *sorted(larger))}
    data, rows = HEADER, b""
    for number, body in enumerate(objects.bodies(), 1):
        rows += row(len(data))
        data += encoded(number, body)
    return Front(data, rows, len(objects.bodies()), intents, colour, black, fonts)


def _profile(name: str, components: int) -> bytes:
    data = files("credentials").joinpath(f"data/{name}").read_bytes()
    span = b" ".join([b"0 1"] * components)
    return stream(b"/N %d/Range[%b]" % (components, span), pack(data, STRONGEST))
