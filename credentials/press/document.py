"""The file around the page: catalog, fonts, colours, attachment, cross-reference table."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import lru_cache
from typing import Final

from credentials.press.desk import Desk
from credentials.press.embedding import embed
from credentials.press.file import Objects, file_of, pack, stream
from credentials.press.front import Front, front
from credentials.press.metadata import About, about, date, info, xmp
from credentials.press.numbers import PAGE_HEIGHT, PAGE_WIDTH, number
from credentials.press.outline import Targets, put_outline
from credentials.press.paper import WORDS, House, Paper, house_of
from credentials.press.strings import string
from credentials.sheet import Json

_CATALOG: Final = (
    b"<</Type/Catalog/Pages %d 0 R/Metadata %d 0 R/OutputIntents %d 0 R/Lang(%b)"
    b"/StructTreeRoot %d 0 R/MarkInfo<</Marked true/Suspects false>>"
    b"/ViewerPreferences<</DisplayDocTitle true/Direction/L2R>>/Outlines %d 0 R"
    b"/Names<</EmbeddedFiles<</Names[(extract.json)%d 0 R]>>>>/AF[%d 0 R]>>"
)
_ROLES: Final = b"<</Datetime/Span/Terms/Part/Title/P/Strong/Span/Em/Span>>"


def document(page: Json, rows: list[str], record: bytes, moment: datetime) -> bytes:
    """The finished file of a sheet, with the rows of its code and its record, made at that moment.

    Raises:
        Unset: the press does not set this sheet.
    """
    paper, told = Paper(page, _house(page)), about(page, moment)
    begun = front(paper.fonts)
    objects = Objects(begun.objects)
    # The streams first, behind those of the beginning: whoever reads the file skips them at once.
    (
        content, xmp_, file, pages, sheet, resources, catalog, info_, spec, outlines, root,
        parents, whole,
    ) = (objects.new() for _ in range(13))  # fmt: skip
    desk = Desk(page["lang"], objects, sheet)
    paper.draw(desk, whole, root, rows)
    canvas, put = desk.canvas, objects.put

    put(pages, b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % sheet)
    put(
        sheet,
        b"<</Type/Page/Resources %d 0 R/MediaBox[0 0 %b %b]/StructParents 0/Tabs/S/Parent %d 0 R"
        b"/Contents %d 0 R>>"
        % (resources, number(PAGE_WIDTH), number(PAGE_HEIGHT), pages, content),
    )
    put(resources, _resources(begun, objects, canvas.fonts))
    drawn = b"".join(canvas.content)
    put(content, stream(b"", pack(drawn)))
    put(spec, _file_specification(file, page["attachment"]))
    put(file, _attachment(record, told))
    put(parents, b"[" + b" ".join(b"%d 0 R" % owner for owner in canvas.owners) + b"]")
    put(
        root,
        b"<</Type/StructTreeRoot/RoleMap%b/K[%d 0 R]/ParentTree<</Nums[0 %d 0 R]>>%b"
        b"/ParentTreeNextKey 1>>" % (_ROLES, whole, parents, _identifiers(desk.header_cells)),
    )
    put_outline(
        objects, outlines, page["title"], _headings(page), Targets(desk.destinations, sheet)
    )
    put(
        catalog,
        _CATALOG % (pages, xmp_, begun.intents, page["lang"].encode(), root, outlines, spec, spec),
    )
    put(info_, info(told))
    identifier = _identifier(told, drawn, record)
    put(xmp_, _metadata(xmp(told, identifier)))
    return file_of(begun[:3], objects.bodies(), (catalog, info_), identifier)


def _resources(begun: Front, objects: Objects, drawn: AbstractSet[int]) -> bytes:
    """What the file begins with, and a large subset if a house has letters for it in its words."""
    large = {font: embed(objects, font) for font in sorted(drawn - begun.fonts.keys())}
    fonts = b"".join(b"/f%d %d 0 R" % one for one in (begun.fonts | large).items())
    return (
        b"<</ProcSet[/PDF/Text/ImageC/ImageB]/ColorSpace<</c0 %d 0 R/c1 %d 0 R>>/Font<<%b>>>>"
        % (
            begun.colour,
            begun.black,
            fonts,
        )
    )


def _house(page: Json) -> House:
    """Set once for every house and language."""
    return _house_of(json.dumps({name: page[name] for name in WORDS}))


@lru_cache(maxsize=64)
def _house_of(words: str) -> House:
    return house_of(json.loads(words))


def _file_specification(file: int, description: str) -> bytes:
    return (
        b"<</Type/Filespec/F(extract.json)/UF(extract.json)/EF<</F %d 0 R/UF %d 0 R>>"
        b"/AFRelationship/Data/Desc%b>>" % (file, file, string(description))
    )


def _attachment(record: bytes, told: About) -> bytes:
    packed = pack(record)
    return (
        b"<</Length %d/Type/EmbeddedFile/Filter/FlateDecode/Subtype/application#2Fjson"
        b"/Params<</Size %d/ModDate%b>>>>\nstream\n%b\nendstream"
        % (len(packed), len(record), date(told.moment), packed)
    )


def _metadata(packet: bytes) -> bytes:
    """Never packed, so that it can be found without reading PDF (ISO 32000-1 14.3.2)."""
    return b"<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%b\nendstream" % (
        len(packet),
        packet,
    )


def _identifiers(cells: Sequence[int]) -> bytes:
    """Where the heads of the columns are found by their names."""
    if not cells:
        return b""
    names = b"".join(b"(U1x%dy0)%d 0 R" % (n, cell) for n, cell in enumerate(cells))
    return b"/IDTree<</Names[%b]>>" % names


def _headings(page: Json) -> dict[str, str]:
    """Every heading under the title by its name, in the order of the tree."""
    found = {"check": page["check"]["question"]}
    if page["results"]:
        found["results"] = page["results"]["title"]
    return found


def _identifier(told: About, *parts: bytes) -> bytes:
    """The same for the same content (ISO 32000-1 14.4)."""
    digest = hashlib.sha256(told.number.encode() + date(told.moment))
    for part in parts:
        digest.update(part)
    return base64.b64encode(digest.digest()[:16])
