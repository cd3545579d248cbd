"""Reads elements of our own documents to the letter, and names what is not there.

`register.elmo_tree` reads anybody's documents and tidies their texts; a text of ours needs none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from emrex.elmo.writing import LANGUAGE
from emrex.errors import NotRestorable
from register.elmo_findings import broken_rule
from register.elmo_tree import children

if TYPE_CHECKING:
    from lxml.etree import _Element

Json = dict[str, Any]
STUDY = "learningOpportunitySpecification"
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_PUBLIC = "The records cannot be read back from this document."
_Line = TypeVar("_Line", bound=BaseModel)
_Value = TypeVar("_Value")


def missing(name: str) -> NotRestorable:
    """The error that says what is not there, or is in no form that the register knows."""
    return NotRestorable(_PUBLIC, f"no-{name}")


def said(text: str | None) -> str:
    """The text of an element or an attribute; empty where there is none."""
    return text or ""


def one(element: _Element, *path: str) -> _Element:
    """The only element at the end of that path.

    Raises:
        NotRestorable: there is none, or more than one.
    """
    found = children(element, *path)
    if len(found) != 1:
        raise missing(path[-1])
    return found[0]


def text_of(element: _Element, *path: str) -> str:
    """The text of the first element at the end of that path; empty where there is none."""
    found = children(element, *path)
    return said(found[0].text) if found else ""


def titles_of(study: _Element) -> dict[str, str]:
    """Titles by language in the order of the document, of which the first is the original."""
    return {said(title.get(LANGUAGE)): said(title.text) for title in children(study, "title")}


def instance_of(study: _Element) -> _Element:
    """That somebody did it.

    Raises:
        NotRestorable: nobody did.
    """
    return one(study, "specifies", "learningOpportunityInstance")


def known(values: Mapping[str, _Value], text: str | None, name: str) -> _Value:
    """What this text stands for.

    Raises:
        NotRestorable: it stands for nothing.
    """
    found = values.get(said(text))
    if found is None:
        raise missing(name)
    return found


def number(text: str | None, name: str) -> int:
    """A whole number from one on.

    Raises:
        NotRestorable: the text is none.
    """
    if not _NUMBER.fullmatch(said(text)):
        raise missing(name)
    return int(said(text))


def line(kind: type[_Line], members: Json) -> _Line:
    """By the model of the import: what the register would refuse is in no document of ours.

    Raises:
        NotRestorable: the reason is the rule that is broken.
    """
    try:
        return kind.model_validate(members)
    except ValidationError as error:
        raise NotRestorable(_PUBLIC, broken_rule(error)) from None
