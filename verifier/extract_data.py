"""The facts that we write for machines (`docs/extract-json.md`), taken over member by member."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verifier.verdict import Facts

MAX_JSON = 1024 * 1024
MAX_RESULTS = 1000


class NotExtractData(ValueError):
    """Not the data of an extract in a version that is known here."""


Shape = Mapping[str, Any]
_TEXT: Shape = {"language": str, "text": str}
"""The one form of which no member may be absent: a text in no language is none."""
_TEXTS = [_TEXT]
_SHAPE: Shape = {
    "number": str,
    "issuedAt": str,
    "language": str,
    "holder": {"name": str, "birthDate": str, "birthPlace": str, "birthCountry": str},
    "award": {
        "sector": str,
        "awarded": str,
        "result": str,
        "degree": str,
        "profile": _TEXTS,
        "thesis": str,
        "partial": bool,
    },
    "programme": {"code": str, "scheme": str, "title": _TEXTS, "nlqf": str, "eqf": int},
    "institution": {
        "code": str,
        "scheme": str,
        "country": str,
        "name": str,
        "nameToday": str,
        "codeToday": str,
    },
    "results": [
        {
            "subject": _TEXTS,
            "schoolExam": str,
            "centralExam": str,
            "final": str,
            "credits": str,
            "level": str,
            "day": str,
            "counted": bool,
        }
    ],
}
"""All that is taken over, member by member; whatever else a file says is dropped."""
_ONCE = ("number", "issuedAt", "language", "holder")
_OVERVIEW: Shape = {
    **{name: _SHAPE[name] for name in _ONCE},
    "awards": [{name: shape for name, shape in _SHAPE.items() if name not in _ONCE}],
}
"""The holder once, and of each award what an extract says of it."""
_SHAPES = {"echt-extract": _SHAPE, "echt-overview": _OVERVIEW}
FORMATS = frozenset(_SHAPES)


def facts_of(data: bytes) -> Facts:
    """The whitelisted facts of one `extract.json` or `overview.json`.

    Raises:
        NotExtractData: not JSON, a member twice, another format or version, or a member of
            another type.
    """
    stated = parse(data)
    shape = _SHAPES.get(str(stated.get("format")))
    if shape is None or stated.get("version") != 1:
        raise NotExtractData("another format or version")
    facts = _only(stated, shape)
    if not isinstance(facts, dict) or not facts.get("number"):
        raise NotExtractData("no number")
    if shape is _OVERVIEW and not facts.get("awards"):
        raise NotExtractData("no awards")
    return facts


def parse(data: bytes) -> dict[str, Any]:
    """One JSON object in UTF-8, no member twice.

    Raises:
        NotExtractData: it is something else, or too large.
    """
    if len(data) > MAX_JSON:
        raise NotExtractData("another form")
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as cause:
        raise NotExtractData("another form") from cause
    if not isinstance(value, dict):
        raise NotExtractData("another form")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _only(value: Any, shape: Any) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The parts of a JSON value that the shape names, each of the type that it names."""
    if isinstance(shape, Mapping):
        if not isinstance(value, dict) or (shape is _TEXT and not shape.keys() <= value.keys()):
            raise NotExtractData("another form")
        return {key: _only(value[key], part) for key, part in shape.items() if key in value}
    if isinstance(shape, list):
        if not isinstance(value, list) or len(value) > MAX_RESULTS:
            raise NotExtractData("another form")
        return [_only(one, shape[0]) for one in value]
    if type(value) is not shape:
        raise NotExtractData("another form")
    return value
