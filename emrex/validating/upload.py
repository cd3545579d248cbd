"""A document that comes with a form, from memory to memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from emrex.errors import PayloadRefused
from emrex.packing import MAX_PACKED

MAX_BYTES = MAX_PACKED * 4 // 3 + 64 * 1024
"""A packed document as a form value; a larger file is packed before it is sent."""


class _InMemory(MultiPartParser):
    """Never rolls over to disk."""

    spool_max_size = MAX_BYTES
    max_part_size = MAX_BYTES


async def document_in(request: Request) -> bytes | None:
    """The field `file`, or else the field `elmo` as clients send it; None where both are empty.

    Raises:
        PayloadRefused: no such form, or larger than anything that EMREX carries.
    """
    try:
        form = await _InMemory(
            request.headers, _counted(request), max_files=1, max_fields=10, max_part_size=MAX_BYTES
        ).parse()
    except (MultiPartException, UnicodeError, LookupError, KeyError) as cause:
        raise PayloadRefused("Send the document as a form, in the field file.", "form") from cause
    try:
        file, text = form.get("file"), form.get("elmo")
        if isinstance(file, UploadFile) and file.filename:
            return await file.read()
        return text.encode() if isinstance(text, str) and text.strip() else None
    finally:
        await form.close()


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > MAX_BYTES:
            raise PayloadRefused("The document is larger than 8 MB packed.", "too-large")
        yield chunk
