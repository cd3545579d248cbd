"""Every verdict has its three texts, short and plain, and its own shape."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from verifier import messages, texts
from verifier.deciding import decide
from verifier.errors import VerifierError
from verifier.pages import TEMPLATES
from verifier.showing import SHAPES, TONES
from verifier.verdict import (
    Check,
    CheckName,
    CheckResult,
    Evidence,
    VerdictCode,
    failed,
    not_done,
    passed,
)
from web.i18n import Language, translations
from web.templates import OWN

CATALOGUES = translations()
TITLES = {
    "GENUINE_CURRENT": ("Echt en actueel", "Genuine and up to date", "Echt und aktuell"),
    "GENUINE_STATUS_UNKNOWN": (
        "Echt bij uitgifte; status nu niet te controleren",
        "Genuine when issued; status cannot be checked now",
        "Bei Ausstellung echt; Status derzeit nicht prüfbar",
    ),
    "SUPERSEDED": (
        "Echt, maar vervangen. Vraag een nieuw uittreksel",
        "Genuine but replaced. Ask for a new extract",
        "Echt, aber ersetzt. Bitte neuen Auszug anfordern",
    ),
    "WITHDRAWN": (
        "Ingetrokken. Niet gebruiken",
        "Withdrawn. Do not use",
        "Zurückgezogen. Nicht verwenden",
    ),
    "ALTERED": ("Gewijzigd na uitgifte", "Changed after issue", "Nach Ausstellung verändert"),
    "NOT_OURS": ("Niet door ons uitgegeven", "Not issued by us", "Nicht von uns ausgestellt"),
    "NOT_ORIGINAL": (
        "Dit is geen origineel bestand. Dat zegt niets over het diploma",
        "Not the original file. This says nothing about the diploma",
        "Keine Originaldatei. Das sagt nichts über das Diplom aus",
    ),
    "QR_GENUINE_COMPARE": (
        "QR-code is echt. Vergelijk deze gegevens met het papier",
        "QR code is genuine. Compare these facts with the paper",
        "QR-Code ist echt. Angaben mit dem Papier vergleichen",
    ),
    "SHARE_ENDED": (
        "Deze link is verlopen of ingetrokken",
        "This link has ended",
        "Dieser Link ist abgelaufen",
    ),
    "CANNOT_CHECK": (
        "Wij konden dit bestand niet controleren. Dit is geen afkeuring",
        "We could not check this file. This is not a rejection",
        "Datei nicht prüfbar. Das ist keine Ablehnung",
    ),
}
SENTENCES = [
    *(text for w in texts.WORDS.values() for text in (w.title, w.why, w.next_step)),
    *(text for w in texts.OF_CODE.values() for text in (w.title, w.why, w.next_step)),
    *texts.WHY_BY_REASON.values(),
    *texts.WHY_NOT_OURS.values(),
    *texts.NEXT_BY_REASON.values(),
    *texts.PASSED_BY_REASON.values(),
    *texts.NOT_DONE_BY_REASON.values(),
    *(texts.sentence(Check(name, result, "")) for name, result in product(CheckName, CheckResult)),
    *texts.RESULT_WORDS.values(),
    *texts.FLAGS.values(),
    *texts.WHY_NOT_ORIGINAL.values(),
    *texts.BY_FINGERPRINT.values(),
    *texts.EXPERT.values(),
    *(part for parts in messages.PARTS.values() for part in parts),
    *messages.FROM_ABROAD,
    messages.GREETING,
    messages.THANKS,
    texts.NOT_FOUND,
]
IN_TEMPLATES = [
    message
    for template in sorted(TEMPLATES.glob("*.html"))
    for message in re.findall(r'_\("([^"]+)"', template.read_text("utf-8"))
]
IN_CODE = [
    message
    for name in ("lines.py", "upload.py", "commands.py")
    for message in re.findall(
        r'(?:translate\(|yield |NotAForm\(|NothingToCheck\(|UploadTooLarge\()"([^"]+)"',
        (Path(texts.__file__).parent / name).read_text("utf-8"),
    )
]


@pytest.mark.parametrize("code", VerdictCode)
def test_the_words_of_a_verdict_are_exactly_those_agreed(code: VerdictCode) -> None:
    """verifier.md 3.1 and 4.1, goal 12."""
    said = tuple(CATALOGUES[lang].gettext(texts.WORDS[code].title) for lang in Language)

    assert said == TITLES[code.value]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("sentence", sorted({*SENTENCES, *IN_TEMPLATES, *IN_CODE}))
def test_no_text_is_longer_than_25_words(sentence: str, language: Language) -> None:
    """verifier.md 3.1; also what a browser shows by itself: the words of its templates."""
    assert len(CATALOGUES[language].gettext(sentence).split()) <= 25


@pytest.mark.parametrize("language", [Language.NL, Language.DE])
@pytest.mark.parametrize("sentence", sorted({*SENTENCES, *IN_TEMPLATES, *IN_CODE}))
def test_every_text_is_translated(sentence: str, language: Language) -> None:
    catalogue = CATALOGUES[language]._catalog

    assert catalogue.get(sentence)


@pytest.mark.parametrize("language", Language)
def test_nobody_is_called_a_forger(language: Language) -> None:
    """verifier.md 4.9."""
    said = " ".join(CATALOGUES[language].gettext(sentence) for sentence in SENTENCES).lower()

    assert not re.search(r"forge|fraud|fake|invalid|vervals|fälsch|betrug|ungültig", said)


def test_every_check_has_a_sentence_for_every_result() -> None:
    assert list(texts.CHECKS) == list(CheckName)
    assert len({w for s in texts.CHECKS.values() for w in (s.passed, s.failed, s.not_done)}) == 36


def test_every_verdict_has_a_shape_of_its_own_and_only_the_known_is_green() -> None:
    """verifier.md 4.1: distinct in shape, not in colour only."""
    drawings = (OWN / "shapes.html").read_text("utf-8")
    green = {code for code, tone in TONES.items() if tone == "genuine"}

    assert len(set(SHAPES.values())) == len(VerdictCode)
    assert all(f"macro {shape}(" in drawings for shape in SHAPES.values())
    assert green == {VerdictCode.GENUINE_CURRENT, VerdictCode.QR_GENUINE_COMPARE}


def test_what_is_absent_is_not_found_and_what_is_wrong_is_not_good() -> None:
    assert texts.result_word(failed(CheckName.SEAL_PRESENT, "no_seal")) == "Not found"
    assert texts.result_word(failed(CheckName.SEAL_INTACT, "x")) == "Not good"
    assert texts.result_word(not_done(CheckName.SEAL_INTACT, "x")) == "Not done"


def test_results_from_abroad_are_asked_of_who_signed_them() -> None:
    """A new file of ours would not help there; and what is wrong here is nobody's to mend."""
    abroad = failed(CheckName.SEAL_OURS, "emrex_provider")
    stranger = failed(CheckName.SEAL_OURS, "other_key")
    busy = not_done(CheckName.SEAL_PRESENT, "busy")
    read, there = passed(CheckName.FILE_TYPE, "xml"), passed(CheckName.SEAL_PRESENT, "seal")
    made = [Evidence((read, *more)) for more in ((there, abroad), (there, stranger), (busy,))]

    verdicts = [decide(one, checked_at=datetime.now(UTC)) for one in made]

    wanted = [messages.FROM_ABROAD, messages.PARTS[VerdictCode.NOT_OURS], ()]
    assert [messages.parts_for(one) for one in verdicts] == wanted


def test_every_error_is_a_problem_of_its_own() -> None:
    kinds = [error.kind for error in VerifierError.__subclasses__()]

    assert len(kinds) == len(set(kinds))
    assert all(400 <= error.status < 600 for error in VerifierError.__subclasses__())
