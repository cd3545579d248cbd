"""What the PDF in a document says to people is what its XML says to programs (emrex.md 4.43)."""

from __future__ import annotations

import base64
import subprocess
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from credentials.extract import Language
from credentials.wording import day_in_words
from emrex.elmo.profiles import Version
from emrex.elmo.writing import LANGUAGE, NAMESPACE
from emrex_wiring import maker_of
from register.records import AwardStatus
from register.synthetic.personas import HARD_PEOPLE, PERSONAS
from tests import judges
from wiring import Instance

pytestmark = pytest.mark.judge
STUDY = "{*}learningOpportunitySpecification"
DONE = "{*}specifies/{*}learningOpportunityInstance"
MARKS = ("schoolExam", "centralExam", "final", "credits")
_MARKS_OF_LAYOUT = "\u202a\u202b\u202c\u200e\u200f\u00ad"


def letters(text: str) -> str:
    """What was written, without the line breaks and direction marks that layout adds."""
    shown = "".join(one for one in text if not one.isspace() and one not in _MARKS_OF_LAYOUT)
    return unicodedata.normalize("NFC", shown)


def text_of(pdf: bytes, option: str, folder: Path) -> str:
    file = folder / "attached.pdf"
    file.write_bytes(pdf)
    command = [judges.require("pdftotext"), option, str(file), "-"]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()


def title_of(study: etree._Element) -> str:
    """In English where it has one, as the extract is in English; else as registered."""
    titles = {one.get(LANGUAGE): one.text or "" for one in study.findall("{*}title")}
    return titles.get("en") or next(iter(titles.values()))


def results(study: etree._Element) -> Iterator[tuple[str, set[str]]]:
    """The title of each result, and every mark that the XML has of it."""
    for part in study.iter("{*}learningOpportunitySpecification"):
        done = part.find(DONE)
        if part is study or done is None or done.find("{*}extension/{*}profile") is not None:
            continue
        own = done.find("{*}extension/{*}marks")
        marks = set() if own is None else {own.get(name, "") for name in MARKS}
        load, level = (done.findtext(f"{{*}}{name}/{{*}}value", "") for name in ("credit", "level"))
        yield title_of(part), (marks | {load, level}) - {""}


def rows(text: str) -> list[str]:
    """Each line with the next two: a long title goes on below its marks."""
    lines = text.splitlines()
    return ["\n".join(lines[place : place + 3]) for place in range(len(lines))]


def unsaid(study: etree._Element, text: str) -> list[str]:
    """Results that stand in no row of the PDF with all their marks."""
    found = []
    for title, marks in results(study):
        first = title.split()[0]
        fitting = [row for row in rows(text) if first in row.partition("\n")[0]]
        whole = [row for row in fitting if marks <= set(row.split()) and said(title, row)]
        if not whole:
            found.append(f"{title}: {sorted(marks)}")
    return found


def said(title: str, row: str) -> bool:
    """Every word of the title; layout may break it anywhere between two."""
    return all(letters(word) in letters(row) for word in title.split())


def people(house: Instance) -> dict[str, str]:
    """Every persona of the demonstration and the hardest people, by name."""
    hard = {one: house.register.award(one).person.person_id for one in HARD_PEOPLE}
    return {one.key: one.person_id for one in PERSONAS if one.key != "withdrawn"} | hard


def sent(house: Instance, person: str) -> etree._Element:
    records = house.register.awards_of(person)
    standing = [one for one in records if one.award.status is not AwardStatus.WITHDRAWN]
    return etree.fromstring(maker_of(house).document(standing, Version.V1_7).content)


def test_the_pdf_says_what_the_xml_says(house: Instance, tmp_path: Path) -> None:
    """emrex.md 4.43, 2.5: names, birth date and every result, by pdftotext."""
    for name, person in people(house).items():
        root = sent(house, person)
        learner = root.find(f"{{{NAMESPACE}}}learner")
        assert learner is not None
        for study, pdf in attached(root):
            layout, raw = (text_of(pdf, option, tmp_path) for option in ("-layout", "-raw"))
            for names in ("givenNames", "familyName"):
                written = letters(learner.findtext(f"{{*}}{names}", ""))
                assert written in letters(layout) or written in letters(raw), (name, names)
            born = learner.findtext("{*}bday")
            if born:
                said_so = day_in_words(date.fromisoformat(born), Language.EN)
                assert letters(said_so) in letters(layout), name
            assert said(title_of(study), raw), name
            assert unsaid(study, layout) == [], name


def test_a_result_that_the_pdf_does_not_have_is_missed(house: Instance, tmp_path: Path) -> None:
    """emrex.md 4.43: the comparison above cannot be right by accident."""
    (vwo,) = (one.person_id for one in PERSONAS if one.key == "vwo")
    root = sent(house, vwo)
    ((study, pdf),) = attached(root)
    text = text_of(pdf, "-layout", tmp_path)
    marks = [one for one in study.iter("{*}marks") if one.get("final")]

    assert len(marks) > 5
    for one in marks:
        before = one.get("final", "")
        one.set("final", "9.9")
        assert len(unsaid(study, text)) == 1
        one.set("final", before)
    assert unsaid(study, text) == []


def attached(root: etree._Element) -> Iterator[tuple[etree._Element, bytes]]:
    """Each diploma with every PDF that it refers to."""
    files = {
        one.findtext("{*}identifier"): one.findtext("{*}content", "").partition(",")[2]
        for one in root.iter(f"{{{NAMESPACE}}}attachment")
    }
    for study in root.iterfind(f"{{*}}report/{STUDY}"):
        for reference in study.findall(f"{DONE}/{{*}}attachments/{{*}}ref"):
            yield study, base64.b64decode(files[reference.text])
