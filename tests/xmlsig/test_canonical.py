"""The octets that are signed, where the library underneath would write others."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from lxml import etree

from tests import judges
from xmlsig import canonical, parsing
from xmlsig.canonical import EXCLUSIVE, INCLUSIVE
from xmlsig.errors import NotRead, OutOfProfile

CHANGED_DEFAULT = b'<a xmlns="u:a"><b xmlns="u:b"><c><d/></c></b></a>'


def test_the_library_s_fault_is_gone_around() -> None:
    """emrex.md 2.7 and 4.61: if lxml is repaired one day, the first line will say so."""
    tree = parsing.parse(CHANGED_DEFAULT)
    part = tree.getroot()[0]
    assert b'xmlns=""' in etree.tostring(part, method="c14n")

    for method in (INCLUSIVE, EXCLUSIVE):
        written = canonical.of_part(part, method=method)
        assert written == b'<b xmlns="u:b"><c><d></d></c></b>'


def test_attributes_of_the_xml_namespace_are_inherited_in_inclusive_form_only() -> None:
    tree = parsing.parse(b'<a xml:lang="nl" xml:space="preserve"><b xml:lang="en"><c/></b></a>')
    part = tree.getroot()[0]

    inclusive = canonical.of_part(part, method=INCLUSIVE)
    assert inclusive == b'<b xml:lang="en" xml:space="preserve"><c></c></b>'
    assert canonical.of_part(part, method=EXCLUSIVE) == b'<b xml:lang="en"><c></c></b>'


@pytest.mark.parametrize(
    ("document", "left"),
    [
        (b"<a>x<s/>y</a>", b"<a>xy</a>"),
        (b"<a><s/>y</a>", b"<a>y</a>"),
        (b"<a><b/>x<s/>y</a>", b"<a><b></b>xy</a>"),
        (b"<a><s/></a>", b"<a></a>"),
        (b"<a>x<s/><b/>y</a>", b"<a>x<b></b>y</a>"),
        (
            b'<a xmlns:p="u:p"><b/>x<s><p:t>z</p:t></s>y</a>',
            b'<a xmlns:p="u:p"><b></b>xy</a>',
        ),
    ],
)
def test_text_around_the_signature_stays(document: bytes, left: bytes) -> None:
    """And the document is afterwards what it was, with the signature in its place."""
    tree = parsing.parse(document)
    signature = tree.getroot().find("s")
    assert signature is not None

    assert canonical.of_document_without(signature, method=INCLUSIVE) == left
    assert tree.getroot().find("s") is signature
    assert etree.tostring(tree) == document


def test_the_signature_goes_back_where_there_is_no_canonical_form() -> None:
    """A namespace with a relative address has none; the document is looked at all the same."""
    document = b'<a xmlns="u:a">x<b xmlns:p="p/q"/>y<s/>z</a>'
    tree = parsing.parse(document)
    signature = tree.getroot()[1]

    with pytest.raises(OutOfProfile):
        canonical.of_document_without(signature, method=INCLUSIVE)
    assert etree.tostring(tree) == document


@pytest.mark.judge
@pytest.mark.parametrize("document", [CHANGED_DEFAULT, b'<a b="1" a="2">\r\n<c/>&lt;</a>'])
def test_a_whole_document_is_written_as_another_program_writes_it(
    document: bytes, tmp_path: Path
) -> None:
    source = tmp_path / "x.xml"
    source.write_bytes(b"<r>" + document + b"<s/></r>")
    without = tmp_path / "y.xml"
    without.write_bytes(b"<r>" + document + b"</r>")
    judged = subprocess.run(
        [judges.require("xmllint"), "--c14n", str(without)], capture_output=True, check=True
    )
    signature = parsing.parse(source.read_bytes()).getroot().find("s")
    assert signature is not None

    assert canonical.of_document_without(signature, method=INCLUSIVE) == judged.stdout


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "malformed"),
        (b"<a>", "malformed"),
        (b"<a/><b/>", "malformed"),
        (b"\xff\xfe<\x00a\x00/\x00>\x00", "encoding"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "encoding"),
        (b"<?xml version='1.1'?><a/>", "instruction"),
        (b"<!DOCTYPE a><a/>", "doctype"),
        (b"<a><!-- x --></a>", "comment"),
        (b"<a><?x y?></a>", "instruction"),
    ],
)
def test_what_is_not_plain_xml_is_not_read(data: bytes, reason: str) -> None:
    with pytest.raises(NotRead) as caught:
        parsing.parse(data)

    assert caught.value.reason == reason


def test_the_depth_is_a_hundred_and_no_more() -> None:
    assert parsing.parse(b"<a>" * 100 + b"</a>" * 100) is not None
    with pytest.raises(NotRead, match="too_deep"):
        parsing.parse(b"<a>" * 101 + b"</a>" * 101)
