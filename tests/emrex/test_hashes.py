"""Hashes inside a document: another program finds the same, and whatever differs is told."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import time
from pathlib import Path

import pytest
from lxml import etree

from credentials.downloading import DRAFT_NUMBER
from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.hashing import differing, of_xml
from emrex.elmo.profiles import Version
from emrex.elmo.rules import every_finding
from emrex.elmo.writing import NAMESPACE
from tests import judges
from tests.credentials.people import PEOPLE, extract
from tests.emrex.conftest import NOW, PDF, Desk

OWN = "{https://echt.voorbeeld.nl/elmo/1}"


def sent(desk: Desk, name: str = "hbo") -> bytes:
    return desk.document([extract(name).record], receiver="https://emc.example.edu")


def hash_in(document: bytes) -> str:
    (found,) = etree.fromstring(document).iter(f"{OWN}hash")
    return str(found.text)


@pytest.mark.judge
@pytest.mark.parametrize("name", PEOPLE)
def test_another_program_finds_the_hash_of_the_xml(name: str, desk: Desk, tmp_path: Path) -> None:
    """emrex.md 3.6: letters taken out by a pattern, and made canonical by xmllint."""
    document = sent(desk, name)
    bare = re.sub(rb"<content[ >].*?</content>", b"", document)
    bare = re.sub(rb"<x:hash>.*?</x:hash>", b"", bare)
    bare = re.sub(rb"<Signature .*</Signature>", b"", bare)
    file = tmp_path / "bare.xml"
    file.write_bytes(bare)
    command = [judges.require("xmllint"), "--nonet", "--c14n", str(file)]
    written = subprocess.run(command, capture_output=True, check=True).stdout

    assert len(bare) < len(document)
    assert hash_in(document) == hashlib.sha256(written).hexdigest()


def test_each_file_has_its_hash(desk: Desk) -> None:
    """emrex.md 3.6: that of the extract, by which lists of issued documents know it."""
    records = [extract(name).record for name in ("hbo", "hbo")]
    root = etree.fromstring(desk.document(records[:1]))
    (named,) = root.iter(f"{OWN}attachment")

    assert named.get("ref") == f"extract-{records[0].award.award_id}"
    expected = PDF + records[0].award.award_id.encode()
    assert named.get("sha256") == hashlib.sha256(expected).hexdigest()
    assert DRAFT_NUMBER not in etree.tostring(root).decode()


@pytest.mark.parametrize("version", Version)
def test_every_version_has_hashes_that_fit(version: Version, desk: Desk) -> None:
    """emrex.md 3.6, 4.38."""
    document = desk.document([extract("vwo").record], version)

    assert list(differing(etree.fromstring(document))) == []
    assert accept(document, desk.signer.chain[:1], NOW).verdict is SignatureVerdict.VALID


def test_the_hash_holds_when_the_files_are_thrown_away(desk: Desk) -> None:
    """emrex.md 3.6: that is what it is for; the signature over both does not hold any more."""
    whole = sent(desk)
    bare = re.sub(rb"<content[ >].*?</content>", b"", whole)

    assert of_xml(etree.fromstring(bare)) == hash_in(whole)
    assert list(differing(etree.fromstring(bare))) == []


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (b"<status>passed", b"<status>failed", "extension/transfer/hash"),
        (b"Verpleegkunde", b"Geneeskunde", "extension/transfer/hash"),
        (base64.b64encode(PDF)[:12], b"JVBERi0xLjYK"[:12], "extension/transfer/attachment"),
    ],
)
def test_whatever_differs_is_told(before: bytes, after: bytes, place: str, desk: Desk) -> None:
    """emrex.md 3.6: in the validator, in our client, and before we sign."""
    bent = etree.fromstring(sent(desk).replace(before, after, 1))
    told = [one for one in every_finding(bent) if one.rule == "hash-differs"]

    assert [one.place for one in told] == [place]


def test_words_of_others_are_not_ours() -> None:
    """emrex.md 4.74: an element of that name in another namespace may mean anything."""
    foreign = '<t:transfer xmlns:t="https://elsewhere.example/x"><t:hash>1</t:hash></t:transfer>'
    root = etree.fromstring(f'<elmo xmlns="{NAMESPACE}"><extension>{foreign}</extension></elmo>')

    assert list(differing(root)) == []


def test_many_hashes_cost_no_more_than_one() -> None:
    """emrex.md 4.67: a small file cannot make us hash a large one ten thousand times."""
    content = base64.b64encode(bytes(3 << 20)).decode()
    inside = f"<identifier>a</identifier><content>data:x;base64,{content}</content>"
    file = f"<attachment>{inside}</attachment>"
    named = '<hash>0</hash><attachment ref="a" sha256="0"/>' * 10_000
    own = f'<extension><transfer xmlns="https://x.example/elmo/1">{named}</transfer></extension>'
    root = etree.fromstring(f'<elmo xmlns="{NAMESPACE}">{file}{own}</elmo>'.encode())
    start = time.perf_counter()

    assert len(list(differing(root))) == 20_000
    assert time.perf_counter() - start < 1


def test_a_state_exam_is_told_as_one(desk: Desk) -> None:
    """emrex.md 3.6: of Dutch as a second language the register knows that it was one."""
    kinds = {
        name: [one.get("kind") for one in etree.fromstring(sent(desk, name)).iter(f"{OWN}record")]
        for name in ("hbo", "nt2")
    }

    assert kinds == {"hbo": ["diploma"], "nt2": ["staatsexamen"]}


def test_where_to_ask_about_it_later_is_in_it(desk: Desk) -> None:
    """emrex.md 3.6, 6.4: by the hash of the file, so that nobody learns about whom."""
    root = etree.fromstring(sent(desk))

    assert root.findtext(f".//{OWN}statusUrl") == "https://echt.voorbeeld.nl/api/v1/hash-buckets"
    assert root.findtext(f".//{OWN}verifyUrl") == "https://echt.voorbeeld.nl/en/verify"
    (transfer,) = root.iter(f"{OWN}transfer")
    assert transfer.get("snapshot") == root.findtext(f"{{{NAMESPACE}}}generatedDate")
