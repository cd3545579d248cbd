"""The promise under test: an error that crosses the socket is the same error on the other side."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from credentials.errors import CredentialError, LintFailed, SealingPaused, UncoveredText
from credentials.extract import Language, Purpose
from credentials.wire import AT_THE_SIGNER, Wanted, arrived, crossing
from keys.errors import KeysError, KeyUnavailable
from register.errors import RegisterError
from storage.errors import StorageUnavailable

FAMILIES = (CredentialError, KeysError, RegisterError)
KINDS = [*(one for base in FAMILIES for one in base.__subclasses__()), StorageUnavailable]


def made(kind: type[Exception]) -> Exception:
    """Some error of a kind, whatever its constructor takes."""
    for arguments in ((), ("A sentence.",), (("U+0041", "U+0042"),)):
        try:
            return kind(*arguments)
        except TypeError:
            continue
    raise AssertionError(kind)


def over_the_wire(error: Exception) -> Exception:
    return arrived(json.loads(json.dumps(crossing(error))))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_of_our_families_arrives_as_its_own_class(kind: type[Exception]) -> None:
    sent = made(kind)

    got = over_the_wire(sent)

    assert type(got) is kind
    assert (got.public, got.status) == (sent.public, sent.status)  # type: ignore[attr-defined]
    assert str(got)


def test_what_an_error_lists_arrives_too() -> None:
    letters = over_the_wire(UncoveredText(("U+16A0", "U+16A1")))
    findings = over_the_wire(LintFailed(("no title", "no language")))

    assert isinstance(letters, UncoveredText)
    assert letters.code_points == ("U+16A0", "U+16A1")
    assert isinstance(findings, LintFailed)
    assert findings.findings == ("no title", "no language")


def test_what_is_meant_for_operators_stays_with_the_signer() -> None:
    sent = KeyUnavailable("The token echt-seal in slot 3 does not take the PIN.")

    got = over_the_wire(sent)

    assert "slot 3" not in json.dumps(crossing(sent))
    assert isinstance(got, KeyUnavailable)
    assert got.reason == AT_THE_SIGNER


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(content=ANYTHING)
def test_an_answer_that_is_no_error_of_ours_is_a_pause(content: object) -> None:
    assert type(arrived(content)) is SealingPaused


@given(public=ANYTHING, lists=ANYTHING, kind=st.sampled_from(KINDS))
def test_a_strange_error_of_a_known_kind_is_that_kind_and_nothing_more(
    public: object, lists: object, kind: type[Exception]
) -> None:
    content = {"kind": kind.kind, "public": public, "findings": lists, "reason": "x"}  # type: ignore[attr-defined]

    got = arrived(content)

    assert type(got) is kind
    assert isinstance(got.public, str)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "more",
    [
        {"digest": "00" * 32},
        {"document": "JVBERi0="},
        {"award_id": "x" * 65},
        {"person_id": ""},
        {"language": "fr"},
        {"purpose": "anything"},
        {"award_id": 7},
        {"award_id": None},
    ],
    ids=str,
)
def test_nothing_but_the_name_of_a_record_can_be_asked(more: dict[str, object]) -> None:
    """No digest, no bytes: there is no field through which something could be signed."""
    asked = {"award_id": "a", "person_id": "p", "language": Language.NL, "purpose": Purpose.WORK}

    assert Wanted.model_validate(asked).purpose is Purpose.WORK
    with pytest.raises(ValidationError):
        Wanted.model_validate(asked | more)
