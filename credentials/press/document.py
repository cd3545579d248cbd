"""The file around the page: catalog, fonts, colours, attachment, cross-reference table."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import deflate

from credentials.press.metadata import About, date, info, xmp
from credentials.press.numbers import PAGE_HEIGHT, PAGE_WIDTH, number, single
from credentials.press.paper import House, Paper, house_of
from credentials.press.strings import string
from credentials.press.subsets import subset_of
from credentials.press.tree import Objects

Json = dict[str, Any]  # what `sheet` makes, as JSON has no narrower type
_HEADER: Final = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n"
_LEVEL: Final = 6
_CATALOG: Final = (
    b"<</Type/Catalog/Pages %d 0 R/Metadata %d 0 R/OutputIntents %d 0 R/Lang(%b)"
    b"/StructTreeRoot %d 0 R/MarkInfo<</Marked true/Suspects false>>"
    b"/ViewerPreferences<</DisplayDocTitle true/Direction/L2R>>/Outlines %d 0 R"
    b"/Names<</EmbeddedFiles<</Names[(extract.json)%d 0 R]>>>>/AF[%d 0 R]>>"
)
_INTENT: Final = (
    b"<</Type/OutputIntent/DestOutputProfile %d 0 R/S/GTS_PDFA1/OutputConditionIdentifier(Custom)"
    b"/OutputCondition(sRGB)/RegistryName()/Info(sRGB v4.2)>>"
)
_ROLES: Final = b"<</Datetime/Span/Terms/Part/Title/P/Strong/Span/Em/Span>>"
_ABOVE_TARGET: Final = 10.0
"""A jump to a heading lands so far above its base."""


def document(page: Json, rows: list[str], record: bytes, about: About) -> bytes:
    """The finished file.

    Raises:
        Unset: the press does not set this sheet.
    """
    objects = Objects()
    (
        pages, sheet, resources, content, catalog, info_, xmp_, intents, intent, rgb, gray,
        colour, black, spec, file, outlines, root, parents, whole,
    ) = (objects.new() for _ in range(19))  # fmt: skip
    paper = Paper(page, _house(page), rows, objects)
    paper.draw(whole, sheet, root)
    canvas, put = paper.canvas, objects.put

    put(pages, b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % sheet)
    put(
        sheet,
        b"<</Type/Page/Resources %d 0 R/MediaBox[0 0 %b %b]/StructParents 0/Tabs/S/Parent %d 0 R"
        b"/Contents %d 0 R>>"
        % (resources, number(PAGE_WIDTH), number(PAGE_HEIGHT), pages, content),
    )
    fonts = b"".join(b"/f%d %d 0 R" % (font, _font(objects, font)) for font in sorted(canvas.fonts))
    put(
        resources,
        b"<</ProcSet[/PDF/Text/ImageC/ImageB]/ColorSpace<</c0 %d 0 R/c1 %d 0 R>>/Font<<%b>>>>"
        % (colour, black, fonts),
    )
    drawn = b"".join(canvas.content)
    put(content, _stream(b"", deflate.zlib_compress(drawn, _LEVEL)))
    put(colour, b"[/ICCBased %d 0 R]" % rgb)
    put(black, b"[/ICCBased %d 0 R]" % gray)
    put(rgb, _profile("srgb.icc", 3))
    put(gray, _profile("gray.icc", 1))
    put(intents, b"[%d 0 R]" % intent)
    put(intent, _INTENT % rgb)
    put(spec, _file_specification(file, page["attachment"]))
    put(file, _attachment(record, about))
    put(parents, b"[" + b" ".join(b"%d 0 R" % owner for owner in canvas.owners) + b"]")
    put(
        root,
        b"<</Type/StructTreeRoot/RoleMap%b/K[%d 0 R]/ParentTree<</Nums[0 %d 0 R]>>%b"
        b"/ParentTreeNextKey 1>>" % (_ROLES, whole, parents, _identifiers(paper)),
    )
    _outline(objects, outlines, paper, page, sheet)
    put(
        catalog,
        _CATALOG % (pages, xmp_, intents, page["lang"].encode(), root, outlines, spec, spec),
    )
    put(info_, info(about))
    identifier = _identifier(about, drawn, record)
    told = xmp(about, identifier)
    put(
        xmp_, b"<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%b\nendstream" % (len(told), told)
    )
    return _file(objects.bodies(), catalog, info_, identifier)


def _house(page: Json) -> House:
    """Set once for every house and language."""
    check = page["check"]
    key = (
        page["lang"], page["title"], page["page"], page["check-at"], tuple(page["closing"].items()),
        check["question"], check["alt"], check["address"], tuple(check["lead"]),
        tuple(map(tuple, check["advice"])),
    )  # fmt: skip
    return _house_of(key)


@lru_cache(maxsize=64)
def _house_of(key: tuple[Any, ...]) -> House:
    lang, title, page, check_at, closing, question, alt, address, lead, advice = key
    return house_of(
        {
            "lang": lang, "title": title, "page": page, "check-at": check_at,
            "closing": dict(closing),
            "check": {
                "question": question, "alt": alt, "address": address, "lead": lead,
                "advice": advice,
            },
        }
    )  # fmt: skip


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<</Length %d%b/Filter/FlateDecode>>\nstream\n%b\nendstream" % (
        len(data),
        entries,
        data,
    )


@cache
def _profile(name: str, components: int) -> bytes:
    data = files("credentials").joinpath(f"data/{name}").read_bytes()
    span = b" ".join([b"0 1"] * components)
    return _stream(b"/N %d/Range[%b]" % (components, span), deflate.zlib_compress(data, 9))


def _font(objects: Objects, font: int) -> int:
    """The five objects of a font; its own number."""
    kept = subset_of(font).embedded
    whole, descendant, descriptor, program, unicode = (objects.new() for _ in range(5))
    for at, body in zip(
        (whole, descendant, descriptor, program, unicode), _font_bodies(font), strict=True
    ):
        objects.put(at, body)
    numbers = (whole, descendant, descriptor, program, unicode)
    objects.put(
        whole,
        b"<</Type/Font/Subtype/Type0/BaseFont/%b/Encoding/Identity-H/DescendantFonts[%d 0 R]"
        b"/ToUnicode %d 0 R>>" % (kept.name, numbers[1], numbers[4]),
    )
    objects.put(
        descendant,
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/%b/CIDSystemInfo<</Registry(Adobe)"
        b"/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/DW 0/CIDToGIDMap/Identity/W%b>>"
        % (kept.name, numbers[2], kept.widths),
    )
    objects.put(
        descriptor,
        b"<</Type/FontDescriptor/FontName/%b%b/FontFile2 %d 0 R>>"
        % (kept.name, kept.descriptor, numbers[3]),
    )
    return whole


@cache
def _font_bodies(font: int) -> tuple[bytes, ...]:
    kept = subset_of(font).embedded
    return (
        b"", b"", b"",
        _stream(b"/Length1 %d" % kept.length, kept.program),
        _stream(b"/Type/CMap/CMapName/Adobe-Identity-UCS", kept.unicode),
    )  # fmt: skip


def _file_specification(file: int, description: str) -> bytes:
    return (
        b"<</Type/Filespec/F(extract.json)/UF(extract.json)/EF<</F %d 0 R/UF %d 0 R>>"
        b"/AFRelationship/Data/Desc%b>>" % (file, file, string(description))
    )


def _attachment(record: bytes, about: About) -> bytes:
    packed = deflate.zlib_compress(record, _LEVEL)
    return (
        b"<</Length %d/Type/EmbeddedFile/Filter/FlateDecode/Subtype/application#2Fjson"
        b"/Params<</Size %d/ModDate%b>>>>\nstream\n%b\nendstream"
        % (len(packed), len(record), date(about.moment), packed)
    )


def _identifiers(paper: Paper) -> bytes:
    """Where the heads of the columns are found by their names."""
    cells = paper.header_cells
    if not cells:
        return b""
    names = b"".join(b"(U1x%dy0)%d 0 R" % (n, cell) for n, cell in enumerate(cells))
    return b"/IDTree<</Names[%b]>>" % names


def _outline(objects: Objects, outlines: int, paper: Paper, page: Json, sheet: int) -> None:
    """The title, and the headings under it."""
    titles = {"title": page["title"], "check": page["check"]["question"]}
    if page["results"]:
        titles["results"] = page["results"]["title"]
    numbers = {name: objects.new() for name in titles}
    under = [name for name in titles if name != "title"]
    top = numbers["title"]
    for n, name in enumerate(under):
        beside = b""
        if n:
            beside = b"/Prev %d 0 R" % numbers[under[n - 1]]
        elif len(under) > 1:
            beside = b"/Next %d 0 R" % numbers[under[1]]
        objects.put(
            numbers[name],
            b"<</Parent %d 0 R%b/Title%b/Dest%b>>"
            % (top, beside, string(titles[name]), _destination(paper, name, sheet)),
        )
    objects.put(
        top,
        b"<</Parent %d 0 R/First %d 0 R/Last %d 0 R/Count -%d/Title%b/Dest%b>>"
        % (
            outlines, numbers[under[0]], numbers[under[-1]], len(under), string(titles["title"]),
            _destination(paper, "title", sheet),
        ),
    )  # fmt: skip
    objects.put(outlines, b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count 1>>" % (top, top))


def _destination(paper: Paper, name: str, sheet: int) -> bytes:
    x, down = paper.destinations[name]
    above = PAGE_HEIGHT - single(down - _ABOVE_TARGET)
    return b"[%d 0 R/XYZ %b %b 0]" % (sheet, number(x), number(above))


def _identifier(about: About, *parts: bytes) -> bytes:
    """The same for the same content (ISO 32000-1 14.4)."""
    digest = hashlib.sha256(about.number.encode() + date(about.moment))
    for part in parts:
        digest.update(part)
    return base64.b64encode(digest.digest()[:16])


def _file(bodies: Sequence[bytes], catalog: int, info_: int, identifier: bytes) -> bytes:
    """Objects one behind the other, and the table that finds them (ISO 32000-1 7.5)."""
    parts, rows, at = [_HEADER], [b"0000000000 65535 f\r\n"], len(_HEADER)
    for n, body in enumerate(bodies, 1):
        written = b"%d 0 obj\n%b\nendobj\n" % (n, body)
        rows.append(b"%010d 00000 n\r\n" % at)
        at += len(written)
        parts.append(written)
    parts += (b"xref\n0 %d\n" % (len(bodies) + 1), *rows)
    parts.append(
        b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[(%b)(%b)]>>\nstartxref\n%d\n%%%%EOF"
        % (len(bodies) + 1, catalog, info_, identifier, identifier, at)
    )
    return b"".join(parts)
