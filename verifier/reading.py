"""The readers that there are, by the kind of file. A new format is one more line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from verifier.errors import ReadingFailed
from verifier.intake import Kind, kind_of
from verifier.jose.reader import JsonReader, JwsReader
from verifier.pdf.reader import PdfReader
from verifier.picture import codes, scans
from verifier.picture.reader import PictureReader, judged
from verifier.ports import BY_CONTENT, Asked, Provider, Reader
from verifier.qr.reader import CodeReader
from verifier.unpacking import UnpackingReader, from_base64, gunzip
from verifier.verdict import CheckName, CheckResult, Evidence
from verifier.xml.reader import XmlReader

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ScanReader:
    """Reads PDF files; one without a seal may be a scan, so its pictures are looked at."""

    pdf: Reader
    address: str

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """What the reader of PDF says and, without a seal, what the codes in it claim."""
        seen = self.pdf.read(data, trust, now)
        if seen.of(CheckName.SEAL_PRESENT).result is not CheckResult.FAIL:
            return seen
        texts = (text for grey in scans.pictures_in(data) for text in codes.texts_in(grey))
        inside = judged(texts, self.address, trust, now)
        return replace(
            seen,
            checks=(*seen.checks, *inside.checks),
            flags=(*seen.flags, *inside.flags),
            details=inside.details if inside.checks else seen.details,
        )


@lru_cache(maxsize=8)
def readers(address: str, providers: tuple[Provider, ...] = ()) -> Mapping[Kind, Reader]:
    """The reader for each kind.

    `address` is the one host that our QR codes name; `providers` sign results from abroad.
    """
    plain: dict[Kind, Reader] = {
        Kind.PDF: ScanReader(PdfReader(), address),
        Kind.XML: XmlReader(providers),
        Kind.JSON: JsonReader(),
        Kind.JWS: JwsReader(),
        Kind.CODE: CodeReader(address),
    }
    pictures = dict.fromkeys((Kind.PNG, Kind.JPEG, Kind.PICTURE), PictureReader(address))
    unpacked = {kind: plain[kind] for kind in (Kind.PDF, Kind.XML, Kind.JSON)}
    packed = {Kind.GZIP: UnpackingReader(gunzip, unpacked)}
    lettered = {Kind.BASE64: UnpackingReader(from_base64, {**unpacked, **packed})}
    return {**plain, **pictures, **packed, **lettered}


class ReadingHere:
    """Reads in this very process, without walls: for the closed room itself and for tests."""

    def read(
        self, data: bytes, trust: bytes | None, now: datetime, asked: Asked = BY_CONTENT
    ) -> Evidence:
        """Evidence from the reader of the kind.

        Raises:
            ReadingFailed: no reader is for that kind. A reader may raise anything else.
        """
        kind = asked.kind or kind_of(data)
        reader = readers(asked.address, asked.providers).get(kind)
        if reader is None:
            raise ReadingFailed("unknown_type")
        return reader.read(data, trust, now)
