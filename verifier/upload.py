"""The one file of a form, from memory to memory; its name and declared type are not looked at."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from verifier.errors import NotAForm, NothingToCheck, UploadTooLarge
from verifier.intake import MAX_BYTES

ROOM_AROUND = 64 * 1024
"""For the lines of the form around the file."""


class _InMemory(MultiPartParser):
    """Never rolls over to disk: no byte of a file to check is written (checklist 19)."""

    spool_max_size = MAX_BYTES + 2 * ROOM_AROUND


async def file_in(request: Request) -> bytes:
    """The bytes of the field `file`.

    Raises:
        NotAForm: the body is not multipart/form-data.
        UploadTooLarge: the body is far larger than any file that we read.
        NothingToCheck: there is no such field, or it holds no file.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NotAForm("Send the file as a form (multipart/form-data), in the field `file`.")
    try:
        form = await _InMemory(
            request.headers, _counted(request), max_files=1, max_fields=10
        ).parse()
    except (MultiPartException, UnicodeError, LookupError) as cause:
        raise NothingToCheck("We cannot read the form that the file should be in.") from cause
    try:
        part = form.get("file")
        if not isinstance(part, UploadFile) or not part.filename:
            raise NothingToCheck("Choose a file first.")
        return await part.read()
    finally:
        await form.close()


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, cut off where no document of ours could still be in it."""
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > MAX_BYTES + ROOM_AROUND:
            raise UploadTooLarge("The file is larger than 10 MB. Our documents never are.")
        yield chunk
