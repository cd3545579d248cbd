"""Several modules of ours in one file, or several styles, for a page that somebody waits for.

Files of a graph cost a phone round trips, and one file packs better than sixteen. Whatever counts
stays as it is written; comments stay behind, and lines `import` and `export` are put into the
words of one file. So modules keep to a few forms: another one fails at the start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_IMPORT = re.compile(
    r'^import (?:\* as (\w+)|(\{ \w+(?:, \w+)* \})) from "\./([\w-]+\.js)";$', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_COMMENT = re.compile(r"^ *(?:/\*\*(?:[^*]|\*(?!/))*\*/|//.*)\n", re.MULTILINE)
_UNKNOWN = re.compile(
    r"^import\b.*|^export (?!(?:async function|function|class|const) \w).*"
    r"|^export const [^;({\[]*,.*"  # several names: only the first would be exported
    r"|^[^`\n]*`(?:[^`\n]*`[^`\n]*`)*[^`\n]*$",  # a text of several lines may hold anything
    re.MULTILINE,
)

_STYLE_IMPORT = re.compile(r'^@import "([\w-]+\.css)";\n', re.MULTILINE)
_STYLE_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|/\*.*?\*/\s*', re.DOTALL)
"""Or a text, which may look like one."""


def joined_styles(entry: str, styles: Mapping[str, str]) -> str:
    """The style sheet `entry` with those that it imports, in their place.

    Raises:
        LookupError: a style sheet is imported that does not exist.
        RecursionError: style sheets import each other in a circle.
    """
    bare = _STYLE_COMMENT.sub(lambda one: one[1] or "", styles[entry])
    return _STYLE_IMPORT.sub(lambda one: joined_styles(one[1], styles), bare)


def joined(entry: str, modules: Mapping[str, str]) -> str:
    """The text of the module `entry` with all that it imports, every module once.

    What is imported runs in a scope of its own, before whoever imports it, as in a browser.

    Raises:
        ValueError: a module has a form that this does not know.
        LookupError: a module is imported that does not exist.
        RecursionError: modules import each other in a circle.
    """
    parts = [_scope(name, modules[name]) for name in _needed(entry, modules) if name != entry]
    return "\n".join(("const modules = {};", *parts, _prepared(entry, modules[entry])))


def _needed(name: str, modules: Mapping[str, str]) -> list[str]:
    """This module and all below it, each after what it imports."""
    below = (_needed(one[3], modules) for one in _IMPORT.finditer(modules[name]))
    return list(dict.fromkeys([*(each for one in below for each in one), name]))


def _scope(name: str, text: str) -> str:
    body = _EXPORT.sub("", _prepared(name, text))
    exported = ", ".join(_EXPORT.findall(text))
    return f'modules["{name}"] = (() => {{\n{body}return {{ {exported} }};\n}})();'


def _prepared(name: str, text: str) -> str:
    """Without comments, and with its imports by name."""
    bare = _COMMENT.sub("", text)
    body = _IMPORT.sub(lambda one: f'const {one[1] or one[2]} = modules["{one[3]}"];', bare)
    if unknown := _UNKNOWN.search(body):
        raise ValueError(f"{name} cannot be joined: {unknown[0]}")
    return body
