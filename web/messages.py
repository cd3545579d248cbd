"""Which texts the service speaks, and whether every one of them is translated.

Texts are found where they are written: in templates, in calls of the gettext
functions, in a room's `texts.py` (every string with a space in it), and as the
sentence that an error is raised with, where its class takes one as `public`.
A text that is missing, empty, unsure (fuzzy) or no longer used is a fault, and so is
a translation that drops or invents a placeholder.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "callers",
    "credentials",
    "employers",
    "emrex",
    "keys",
    "portal",
    "register",
    "storage",
    "verifier",
    "web",
)
FUNCTIONS = frozenset({"_", "N_", "gettext", "ngettext", "translate", "_translate"})
# Sentences that a class of an error family carries itself.
ATTRIBUTES = frozenset({"title", "advice", "public"})
OUTSIDE = frozenset({"StorageUnavailable"})
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")

Found = dict[str, str]
"""From a text to the first place where it is written."""


def messages(rooms: Iterable[str] = ROOMS, root: Path = ROOT) -> Found:
    """Every English text of these rooms, with the place where it is written."""
    rooms = tuple(rooms)
    errors = frozenset(name for room in ROOMS for name in _spoken_errors(root / room)) | OUTSIDE
    found: Found = {}
    for room in rooms:
        for path in sorted((root / room).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            for text, line in _in_python(path, errors):
                found.setdefault(text, f"{place}:{line}")
        for path in sorted((root / room).rglob("templates/*.html")):
            place = path.relative_to(root).as_posix()
            for text, line in _in_template(path):
                found.setdefault(text, f"{place}:{line}")
    return found


def _spoken_errors(room: Path) -> Iterator[str]:
    """The classes of a room's `errors.py` whose first argument is a sentence for people."""
    file = room / "errors.py"
    tree = ast.parse(file.read_text("utf-8")) if file.is_file() else ast.Module([], [])
    first: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            inherited = [
                first.get(base.id, "") for base in node.bases if isinstance(base, ast.Name)
            ]
            first[node.name] = _first_parameter(node) or next(iter(inherited), "")
    return (name for name, parameter in first.items() if parameter == "public")


def _first_parameter(node: ast.ClassDef) -> str:
    """Name of what `__init__` takes first, `-` when it takes nothing, empty without one."""
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            return statement.args.args[1].arg if len(statement.args.args) > 1 else "-"
    return ""


def _in_python(path: Path, errors: frozenset[str]) -> Iterator[tuple[str, int]]:
    tree = ast.parse(path.read_text("utf-8"))
    of_a_family = path.name == "errors.py"
    if path.name == "texts.py":
        yield from _strings(tree, sentences_only=True)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, errors, of_a_family=of_a_family)
        elif isinstance(node, ast.ClassDef) and of_a_family:
            yield from _of_class(node)


def _strings(tree: ast.Module, *, sentences_only: bool) -> Iterator[tuple[str, int]]:
    """Every string of a module; its sentences only: with a space, and no docstring."""
    told: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            told.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            told.update(id(part) for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in told:
            for text, line in _text(node):
                if " " in text.strip() or not sentences_only:
                    yield text, line


def _of_call(
    call: ast.Call, errors: frozenset[str], *, of_a_family: bool
) -> Iterator[tuple[str, int]]:
    name = _name(call.func)
    raised = name in errors or (of_a_family and name == "__init__")
    if not raised and name not in FUNCTIONS:
        return
    wanted = call.args[: 2 if name == "ngettext" else 1]
    wanted += [keyword.value for keyword in call.keywords if keyword.arg == "public"]
    for argument in wanted:
        # A verifier's refusal is raised with the name of a sentence, which has no space.
        yield from (one for one in _text(argument) if not raised or " " in one[0])


def _of_class(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    for statement in node.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        named = any(isinstance(one, ast.Name) and one.id in ATTRIBUTES for one in targets)
        value = getattr(statement, "value", None)
        if named and value is not None:
            yield from _text(value)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _text(node: ast.expr) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value, node.lineno


def _in_template(path: Path) -> Iterator[tuple[str, int]]:
    options = {"trimmed": "true", "silent": "false"}
    with path.open("rb") as source:
        for line, texts, *_ in extract("jinja2.ext:babel_extract", source, options=options):
            for text in texts if isinstance(texts, tuple) else (texts,):
                if text:
                    yield text, line


def missing(
    locales: Path, rooms: Iterable[str] = (), languages: Iterable[str] = ("nl", "de")
) -> list[str]:
    """Every fault in the catalogues, one sentence each; none is the aim.

    Without rooms it is the whole house and every catalogue; else the rooms' own.
    """
    rooms = tuple(rooms)
    texts = messages(rooms or ROOMS, locales.parent)
    written = _written(rooms or ROOMS, locales.parent)
    found: list[str] = []
    for language in languages:
        folder = locales / language
        files = [folder / f"{room}.po" for room in rooms] or sorted(folder.glob("*.po"))
        catalogues = {file.stem: _catalogue(file) for file in files}
        merged = {key: one for catalogue in catalogues.values() for key, one in catalogue.items()}
        faults = (*_faults(texts, merged, written), *_disagreements(catalogues))
        found += [f"{language}: {fault}" for fault in faults]
    return found


def _written(rooms: Iterable[str], root: Path) -> frozenset[str]:
    """Every string in the code of these rooms: a text in a table is in use as well."""
    return frozenset(
        text
        for room in rooms
        for path in sorted((root / room).rglob("*.py"))
        for text, _ in _strings(ast.parse(path.read_text("utf-8")), sentences_only=False)
    )


def _catalogue(file: Path) -> Mapping[str, Message]:
    if not file.is_file():
        return {}
    with file.open("rb") as source:
        return {_key(message): message for message in read_po(source) if message.id}


def _disagreements(catalogues: Mapping[str, Mapping[str, Message]]) -> Iterator[str]:
    """Catalogues are merged when they are read: the same text must mean the same in all."""
    first: dict[str, tuple[str, object]] = {}
    for room, catalogue in catalogues.items():
        for text, message in catalogue.items():
            other, string = first.setdefault(text, (room, message.string))
            if string != message.string:
                yield f"{text!r} is translated differently in {other} and {room}"


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _faults(
    texts: Mapping[str, str], translated: Mapping[str, Message], written: frozenset[str]
) -> Iterator[str]:
    plurals = {m.id[1] for m in translated.values() if not isinstance(m.id, str)}
    for text, place in texts.items():
        if text not in translated and text not in plurals:
            yield f"{text!r} ({place}) is not translated"
    for text, message in translated.items():
        yield from _faults_of(text, message, used=text in texts or text in written)


def _faults_of(text: str, message: Message, *, used: bool) -> Iterator[str]:
    string = message.string or ""
    strings = (string,) if isinstance(string, str) else tuple(string)
    if not used:
        yield f"{text!r} is no longer used"
    if message.fuzzy:
        yield f"{text!r} is marked as unsure"
    if not strings or not all(strings):
        yield f"{text!r} has an empty translation"
    if any(_placeholders(one) != _placeholders(text) for one in strings if one):
        yield f"{text!r} has other placeholders"


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))
