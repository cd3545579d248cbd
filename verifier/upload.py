"""What comes with a request, from memory to memory: the one file of a form, or a JSON object.

The name of a file and its declared type decide nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from verifier.errors import NotAForm, NothingToCheck, UploadTooLarge
from verifier.intake import MAX_BYTES, MAX_CODE

Asked = TypeVar("Asked", bound=BaseModel)
ROOM_AROUND = 64 * 1024
"""For the lines of the form around the file."""
MAX_NAME = 255
"""Letters of the name of a file that a page says back; no file system has longer ones."""
_MAY_BE_A_BSN = re.compile(r"\d{9,}")
"""People name files by the person; such a number is in no answer of ours, not even said back."""


class Question(BaseModel):
    """A check without a file: exactly one of the three."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str | None = Field(default=None, min_length=1, max_length=MAX_BYTES)
    """Pasted text: the text of a QR code, a share link, signed data, XML."""
    qr: str | None = Field(default=None, min_length=1, max_length=MAX_CODE)
    """What a camera read out of a QR code."""
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """The fingerprint of a file that stays where it is, in lower-case hex."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Question:
        if sum(one is not None for one in (self.text, self.qr, self.sha256)) != 1:
            raise PydanticCustomError("missing", "exactly one of text, qr and sha256")
        return self


class _InMemory(MultiPartParser):
    """Never rolls over to disk: no byte of a file to check is written (checklist 19)."""

    spool_max_size = MAX_BYTES + 2 * ROOM_AROUND


@dataclass(frozen=True, slots=True)
class Handed:
    """What the form of a page brought."""

    data: bytes
    name: str | None = None
    """What the visitor's computer calls the file; None for a text. Said back on the page only."""

    @property
    def is_nothing(self) -> bool:
        """Whether it is a text of no letters; an empty file is a file all the same."""
        return self.name is None and not self.data

    @property
    def sha256(self) -> str | None:
        """Of the file, in hex; None for a text."""
        return None if self.name is None else hashlib.sha256(self.data).hexdigest()


async def file_in(request: Request) -> bytes:
    """The bytes of the field `file`.

    Raises:
        NotAForm: the body is not multipart/form-data.
        UploadTooLarge: the body is far larger than any file that we read.
        NothingToCheck: there is no such field, or it holds no file.
    """
    async with _form_in(request) as form:
        return (await _file_of(form)).data


async def handed_in(request: Request) -> Handed:
    """The file of a page's form, or the text of one without a file; raises as `file_in`."""
    async with _form_in(request) as form:
        text = form.get("text")
        if isinstance(text, str) and "file" not in form:
            return Handed(text.strip().encode("utf-8", "replace"))
        return await _file_of(form)


@asynccontextmanager
async def _form_in(request: Request) -> AsyncIterator[FormData]:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NotAForm("Send the file as a form (multipart/form-data), in the field `file`.")
    try:
        form = await _InMemory(
            request.headers, _counted(request), max_files=1, max_fields=10
        ).parse()
    except (MultiPartException, UnicodeError, LookupError) as cause:
        raise NothingToCheck("We cannot read the form that the file should be in.") from cause
    try:
        yield form
    finally:
        await form.close()


async def _file_of(form: FormData) -> Handed:
    part = form.get("file")
    if not isinstance(part, UploadFile) or not part.filename:
        raise NothingToCheck("Choose a file first.")
    name = "".join(letter for letter in part.filename if letter.isprintable())
    return Handed(await part.read(), _MAY_BE_A_BSN.sub("…", name)[:MAX_NAME])


def is_json(request: Request) -> bool:
    """Whether the body says that it is JSON."""
    declared = request.headers.get("content-type", "").partition(";")[0]
    return declared.strip().lower() == "application/json"


async def asked_in(request: Request, model: type[Asked]) -> bytes | Asked:
    """The file of a form, or what a JSON body asks; all that is wrong with it is told at once.

    Raises:
        RequestValidationError: not JSON, or not of this model.
        NotAForm, UploadTooLarge, NothingToCheck: as `file_in`.
    """
    if not is_json(request):
        return await file_in(request)
    body = b"".join([chunk async for chunk in _counted(request)])
    try:
        return model.model_validate_json(body)
    except ValidationError as cause:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in cause.errors()]
        raise RequestValidationError(faults) from cause


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, cut off where no document of ours could still be in it."""
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > MAX_BYTES + ROOM_AROUND:
            raise UploadTooLarge("The file is larger than 10 MB. Our documents never are.")
        yield chunk
