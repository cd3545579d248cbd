"""What a published schema has against a document, as findings: where, what, and by which versions.

The words of the schema's program are not shown: they are English, they are long, and they repeat
values, which may be of somebody. What is kept is the place, the kind of fault and the names of
the elements that were expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from emrex.elmo.places import Places
from emrex.elmo.rules import MOST, Finding

if TYPE_CHECKING:
    from lxml.etree import _Element

_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)")
_STEP = re.compile(r"/(?:([^/:\[]*):)?([^/\[]+)(?:\[([0-9]+)\])?")
_RULES: Mapping[str, str] = {
    "SCHEMAV_CVC_ENUMERATION_VALID": "schema-value",
    "SCHEMAV_CVC_PATTERN_VALID": "schema-value",
    "SCHEMAV_CVC_MINLENGTH_VALID": "schema-value",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "schema-value",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "schema-attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "schema-attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "schema-attribute",
    "SCHEMAV_CVC_ELT_4_3": "schema-attribute",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that one schema has against a document."""

    rule: str
    path: str
    """As libxml2 writes where a node is."""
    expected: tuple[str, ...]


def faults_of(schema: etree.XMLSchema) -> tuple[Fault, ...]:
    """What the schema had against the document that it was asked about last, one of a place."""
    found = islice(schema.error_log, MOST)
    faults = {str(one.path): _fault(one.type_name, str(one.path), one.message) for one in found}
    return tuple(faults.values())


def causes(
    root: _Element, faults: Mapping[str, Sequence[Fault]], versions: Sequence[str]
) -> tuple[Finding, ...]:
    """The faults by these versions, each once with all that have it."""
    by_fault: dict[Fault, list[str]] = {}
    for version in versions:
        for fault in faults[version]:
            by_fault.setdefault(fault, []).append(version)
    places = Places()
    told = tuple(
        Finding(fault.rule, places.of(_at(root, fault.path)), fault.expected, tuple(of))
        for fault, of in by_fault.items()
    )
    return told or (Finding("schema", "elmo"),)


def _at(root: _Element, path: str) -> _Element:
    """The element at a path of libxml2, or the last one on the way to it.

    A step is `prefix:name[2]`, or `*[2]` where there is no prefix, and counts what it names.
    """
    found = root
    for prefix, name, number in islice(_STEP.findall(path), 1, None):
        same = (child for child in found if name == "*" or _is(child, prefix, name))
        below = next(islice(same, int(number or 1) - 1, None), None)
        if below is None:
            break
        found = below
    return found


def _is(child: _Element, prefix: str, name: str) -> bool:
    return (child.prefix or "") == prefix and etree.QName(child).localname == name


def _fault(kind: str, path: str, message: str) -> Fault:
    expected = _names(message)
    if kind != "SCHEMAV_ELEMENT_CONTENT":
        return Fault(_RULES.get(kind, "schema"), path, ())
    if not expected:
        return Fault("schema-too-much", path, ())
    is_missing = message.partition(": ")[2].startswith("Missing child")
    return Fault("schema-missing" if is_missing else "schema-misplaced", path, expected)


def _names(message: str) -> tuple[str, ...]:
    """The expected elements without their namespace; a place for strangers has no name."""
    found = _EXPECTED.search(message)
    listed = found[1].split(", ") if found else []
    return tuple(one.rpartition("}")[2] for one in listed if not one.endswith("*"))
