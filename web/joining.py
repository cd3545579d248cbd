"""Several modules of ours in one file, for the page whose answer somebody waits for.

Files of a graph cost a phone round trips, and one file packs better than sixteen. Whatever runs
stays as it is written; lines of comment stay behind, and lines `import` and `export` are put
into the words of one file. So modules keep to a few forms: another one fails at the start.
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
