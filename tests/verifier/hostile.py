"""Files made to hurt a reader. None may crash the service, and none may take ten seconds."""

from __future__ import annotations

import io
import random
import zlib

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer


def bare(objects: dict[int, bytes], *, prev: bytes = b"") -> bytes:
    """A minimal file with a right table; object 1 is the catalog."""
    data = bytearray(b"%PDF-1.7\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 1\n0000000000 65535 f\r\n"
    for number, offset in sorted(offsets.items()):
        data += b"%d 1\n%010d 00000 n\r\n" % (number, offset)
    data += b"trailer\n<</Size 99/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (prev, start)
    return bytes(data)


CATALOG = b"<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>"


def deflate_bomb() -> bytes:
    """A reference table of half a gigabyte in a few kilobytes (zeros, deflated twice)."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(bytes(1 << 20)) for _ in range(512)) + packer.flush()
    packed = zlib.compress(once, 9)
    stream = (
        b"1 0 obj\n<</Type/XRef/Size 9/W[1 2 1]/Root 1 0 R/Filter[/FlateDecode/FlateDecode]"
        b"/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    )
    return b"%PDF-1.7\n" + stream + b"startxref\n9\n%%EOF\n"


def table_of(rows: int) -> bytes:
    """A cross-reference stream of that many bytes, all zeros, that deflates to almost nothing."""
    packed = zlib.compress(bytes(rows), 9)
    stream = (
        b"1 0 obj\n<</Type/XRef/Size %d/W[1 0 0]/Root 1 0 R/Filter/FlateDecode/Length %d>>\n"
        b"stream\n%s\nendstream\nendobj\n" % (rows, len(packed), packed)
    )
    return b"%PDF-1.7\n" + stream + b"startxref\n9\n%%EOF\n"


def previous_loop() -> bytes:
    """A table whose predecessor is itself."""
    once = bare({1: CATALOG}, prev=b"/Prev 00000")
    at = once.index(b"xref\n0 1")
    return once.replace(b"/Prev 00000", b"/Prev %05d" % at)


def deep_nesting() -> bytes:
    """A form that is an array in an array, fifty thousand times, and reached by every reader."""
    deep = b"[" * 50_000 + b"]" * 50_000
    fields = b"<</Fields %s>>" % deep
    return bare({1: CATALOG, 2: b"<</Type/Pages/Count 0/Kids[]>>", 4: fields})


def page_tree_loop() -> bytes:
    """Pages that are their own children."""
    return bare({1: CATALOG, 2: b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>", 4: b"<<>>"})


def many_pages(count: int) -> bytes:
    """A file of that many pages whose tree claims to have one."""
    kids = b" ".join(b"%d 0 R" % number for number in range(10, 10 + count))
    pages = {10 + n: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>" for n in range(count)}
    return bare({1: CATALOG, 2: b"<</Type/Pages/Count 1/Kids[%s]>>" % kids, 4: b"<<>>", **pages})


def encrypted(page: bytes) -> bytes:
    """The page behind a password."""
    writer: PdfFileWriter = copy_into_new_writer(PdfFileReader(io.BytesIO(page)))
    writer.encrypt("owner", "user")
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def noise(size: int) -> bytes:
    """So many bytes without any sense, the same at every run."""
    return random.Random(7).randbytes(size)


def ended(middle: bytes) -> bytes:
    """Whatever it is, between a right first line and a right last one."""
    return b"%PDF-1.7\n" + middle + b"\nstartxref\n9\n%%EOF\n"


def object_stream(plain: bytes, *, number: int = 9) -> bytes:
    """An object stream of one object, deflated, which the table of the file does not need."""
    return ended(_object_stream(plain, number))


def _object_stream(plain: bytes, number: int) -> bytes:
    packed = zlib.compress(plain, 9)
    head = b"%d 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n"
    return head % (number, len(packed)) + packed + b"\nendstream\nendobj\n"


def object_streams() -> bytes:
    """Two hundred object streams of a megabyte each."""
    once = b"7 0 " + b" " * (1 << 20) + b"null"
    return ended(b"".join(_object_stream(once, number) for number in range(20, 220)))


def million_objects() -> bytes:
    """As many objects as fit in nine megabytes, each as small as can be."""
    return ended(b"".join(b"%d 0 obj 1 endobj\n" % number for number in range(400_000)))


def long_array(member: bytes) -> bytes:
    """A catalog that is an array of millions."""
    return bare({1: b"[" + member * 4_000_000 + b"]"})


def huge_table() -> bytes:
    """A cross-reference table of nine megabytes, every row of it right."""
    rows = b"0000000009 00000 n\r\n" * 450_000
    data = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
    table = b"xref\n0 450000\n" + rows + b"trailer\n<</Size 450000/Root 1 0 R>>\n"
    return data + table + b"startxref\n%d\n%%%%EOF\n" % len(data)


def seal_of_megabytes() -> bytes:
    """A signature whose container is nests of DER for four megabytes."""
    contents = (b"3084" + b"0fffffff") * 400_000
    seal = b"<</Type/Sig/ByteRange[0 1 2 3]/Contents<%s>>>" % contents
    form = b"<</Fields[<</FT/Sig/T(Seal)/V 5 0 R>>]>>"
    pages = b"<</Type/Pages/Count 0/Kids[]>>"
    return bare({1: CATALOG, 2: pages, 4: form, 5: seal})


def field_loop() -> bytes:
    """A field that is its own child, twice."""
    field = b"<</FT/Sig/Kids[5 0 R 5 0 R]>>"
    pages = b"<</Type/Pages/Count 0/Kids[]>>"
    return bare({1: CATALOG, 2: pages, 4: b"<</Fields[5 0 R]>>", 5: field})
