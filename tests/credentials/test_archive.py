"""Documents are there whole, or not there; nothing of a broken-off attempt stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from credentials.archive import FolderArchive
from credentials.errors import DocumentMissing

NUMBER = "K7QD-3MXF-9TRA"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def test_what_was_stored_comes_back(folder: Path) -> None:
    archive = FolderArchive(folder)
    assert not archive.exists()

    archive.put(NUMBER, b"sealed")

    assert archive.get(NUMBER) == b"sealed"
    assert archive.exists()
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [f"{NUMBER}.pdf"]


def test_a_broken_off_attempt_is_nobodys_document_and_can_be_removed(folder: Path) -> None:
    archive = FolderArchive(folder)
    archive.put("2222-2222-2222", b"another")
    part = folder / NUMBER[:2] / f"{NUMBER}.part"
    part.parent.mkdir()
    part.write_bytes(b"half")

    with pytest.raises(DocumentMissing):
        archive.get(NUMBER)
    archive.discard(NUMBER)
    archive.discard("2222-2222-2222")

    assert not part.exists()
    assert archive.get("2222-2222-2222") == b"another"


@pytest.mark.parametrize("number", ["", "../../etc/passwd", "K7QD", "k7qd-3mxf-9tra", "K7QD/3MXF"])
def test_a_name_that_is_no_number_leads_nowhere(folder: Path, number: str) -> None:
    with pytest.raises(DocumentMissing):
        FolderArchive(folder).get(number)
    with pytest.raises(DocumentMissing):
        FolderArchive(folder).put(number, b"x")

    assert not folder.exists()
