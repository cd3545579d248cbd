"""Who signs results: nothing but what is in a document that we signed ourselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from credentials.errors import SealingPaused
from credentials.line import Answer
from emrex.errors import FormatRefused, PayloadRefused, TokenRefused
from emrex.two.results import Result
from emrex.two.signing import SIGNATURES, AtTheSigner, Here, OfOurOwn, Wanted
from tests.contracts.memory_transfers import MemoryTransfers
from tests.credentials.people import extract
from tests.emrex.conftest import NOW, Desk

WANTED = Wanted(tid="t", client_id="emc", data_format="elmo", version="", pdf_id="")


class Kept(MemoryTransfers):
    """One document, wherever it came from."""

    def __init__(self, content: bytes | None) -> None:
        super().__init__()
        self._content = content

    def document(self, tid: str) -> bytes | None:
        return self._content if tid == "t" else None


def own(desk: Desk, content: bytes | None) -> OfOurOwn:
    here = Here(lambda: desk.signer, lambda: NOW)
    return OfOurOwn(Kept(content), lambda: desk.signer.chain[:1], here)


@pytest.fixture(name="content", scope="module")
def _content(desk: Desk) -> bytes:
    return desk.document([extract("vwo").record])


def test_the_signer_signs_the_same_bytes_as_a_process_with_the_key(
    desk: Desk, content: bytes
) -> None:
    """RSA with PKCS#1 v1.5 is deterministic, so the two signatures are one."""
    signer = own(desk, content)

    for form in ("elmo", "pdf", "pdf_metadata"):
        wanted = WANTED.model_copy(update={"data_format": form})
        assert signer.signature(wanted) == signer.here.over(wanted.out_of(content), wanted)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda content: content.replace(b"<status>passed", b"<status>failed", 1),
        lambda _: b"<elmo/>",
        lambda _: b"anything at all",
    ],
)
def test_what_we_did_not_sign_gets_no_signature(
    desk: Desk, content: bytes, change: Callable[[bytes], bytes | None]
) -> None:
    """A web process that was taken over can put anything in the database."""
    with pytest.raises((TokenRefused, PayloadRefused)):
        own(desk, change(content)).signature(WANTED)


def test_another_providers_document_gets_no_signature(desk: Desk) -> None:
    theirs = replace(desk, signer=desk.stranger).document([extract("vwo").record])

    with pytest.raises(TokenRefused):
        own(desk, theirs).signature(WANTED)


def test_what_is_not_in_the_document_gets_no_signature(desk: Desk, content: bytes) -> None:
    wanted = WANTED.model_copy(update={"data_format": "pdf", "pdf_id": "another"})

    with pytest.raises(FormatRefused):
        own(desk, content).signature(wanted)
    with pytest.raises(TokenRefused):
        own(desk, content).signature(WANTED.model_copy(update={"tid": "another"}))


@dataclass
class Line:
    """A line to a signer that says one thing."""

    said: bytes
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: str, *, families: tuple[type[Exception], ...]
    ) -> Answer:
        assert TokenRefused in {one for family in families for one in family.__subclasses__()}
        self.asked.append((method, path, body))
        return Answer(self.said, "")


def test_only_names_go_over_the_line() -> None:
    line = Line(b"e30..c2ln")

    assert AtTheSigner(line).over(Result(b"a body", "text/plain"), WANTED) == "e30..c2ln"
    assert line.asked == [("POST", SIGNATURES, WANTED.model_dump_json())]
    assert "a body" not in line.asked[0][2]


@pytest.mark.parametrize(
    "said", [b"", b"e30.e30.c2ln", b"e30..c2ln\r\nX: y", b"\xff", b"a..b" * 999]
)
def test_what_is_no_signature_goes_no_further(said: bytes) -> None:
    """It would stand in a header."""
    with pytest.raises(SealingPaused):
        AtTheSigner(Line(said)).over(Result(b"", ""), WANTED)
