"""What the schema of ELMO asks of results, held to without it (emrex.md 2.5).

Required elements, the order of children and dates: what readers stumble over most. Elements that
nobody knows are passed over, as they may come with a later version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from emrex.elmo.places import local_name
from emrex.elmo.writing import NAMESPACE

if TYPE_CHECKING:
    from lxml.etree import _Element

List = TypeVar("List", tuple[str, ...], Mapping[str, int])
Broken = tuple["_Element", tuple[str, ...]]
"""Where, and the names of the elements that it is about."""
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class Form:
    """What the data file holds, by the name of an element, or by that and the one above it."""

    order: Mapping[str, Mapping[str, int]]
    """The place of each child among its possible neighbours."""
    required: Mapping[str, tuple[str, ...]]
    days: frozenset[str]
    moments: frozenset[str]


@cache
def form() -> Form:
    """Read the data once."""
    data = json.loads(resources.files("emrex").joinpath("data/elmo-form.json").read_text("utf-8"))
    children = {name: listed.split() for name, listed in data["children"].items()}
    return Form(
        {
            name: {one.rstrip("!"): place for place, one in enumerate(listed)}
            for name, listed in children.items()
        },
        {
            name: tuple(one.rstrip("!") for one in listed if one.endswith("!"))
            for name, listed in children.items()
        },
        frozenset(data["days"].split()),
        frozenset(data["moments"].split()),
    )


def missing(root: _Element) -> Iterator[Broken]:
    """Elements that lack what is required in them, with the names of that."""
    for element, wanted in _listed(root, form().required):
        children = {child.tag for child in element}
        lacking = tuple(name for name in wanted if _name(name) not in children)
        if lacking:
            yield element, lacking


def misordered(root: _Element) -> Iterator[Broken]:
    """The first element of each parent that comes too late, with what it should come before."""
    for element, order in _listed(root, form().order):
        known = [(order[name], child) for child in element if (name := local_name(child)) in order]
        for (before, first), (after, late) in pairwise(known):
            if after < before:
                yield late, (local_name(first),)
                break


def not_dates(root: _Element) -> Iterator[Broken]:
    """Days and moments that are none; empty ones break another rule."""
    for places, is_one in ((form().days, _is_day), (form().moments, _is_moment)):
        for element in root.iter(*{_name(place.partition("/")[2]) for place in places}):
            text = (element.text or "").strip()
            if text and _place(element) in places and not is_one(text):
                yield element, ()


LOOKS: Mapping[str, Callable[[_Element], Iterator[Broken]]] = {
    "missing-element": missing,
    "order": misordered,
    "not-a-date": not_dates,
}
"""By the id of a rule."""


def _listed(root: _Element, lists: Mapping[str, List]) -> Iterator[tuple[_Element, List]]:
    """Every element that there is a list for, with its list."""
    for element in root.iter(*{_name(name.rpartition("/")[2]) for name in lists}):
        found = lists.get(local_name(element)) or lists.get(_place(element))
        if found:
            yield element, found


def _place(element: _Element) -> str:
    above = element.getparent()
    return "" if above is None else f"{local_name(above)}/{local_name(element)}"


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _is_day(text: str) -> bool:
    found = _DAY.fullmatch(text)
    return found is not None and _parses(date.fromisoformat, found[1])


def _is_moment(text: str) -> bool:
    found = _MOMENT.fullmatch(text)
    return found is not None and _parses(datetime.fromisoformat, found[1])


def _parses(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
