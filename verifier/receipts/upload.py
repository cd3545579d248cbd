"""A receipt out of a form: as a file, or pasted as text. Small, and never on disk."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from verifier.errors import NotAReceipt
from verifier.receipts.form import MAX_CHARACTERS


async def receipt_in(request: Request) -> str:
    """The receipt of a form, from the field `file` or else the field `receipt`.

    Raises:
        NotAReceipt: there is neither, or the form cannot be read.
    """
    try:
        form = await request.form(max_files=1, max_fields=5, max_part_size=MAX_CHARACTERS)
    except (HTTPException, UnicodeError, LookupError) as cause:
        raise _nothing() from cause
    try:
        part, text = form.get("file"), form.get("receipt")
        if isinstance(part, UploadFile) and part.filename:
            return (await part.read()).decode("ascii", "replace").strip()
        if isinstance(text, str) and text.strip():
            return "".join(text.split())  # a mail program may have broken the line
    finally:
        await form.close()
    raise _nothing()


def _nothing() -> NotAReceipt:
    return NotAReceipt("Choose a receipt first, or paste it.")
