"""Modules in one file do what they do apart, and a form that is not known fails at the start."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import judges
from web.joining import joined, joined_styles
from web.static import JOINED, OWN, StaticTree

NUMBERS = """// A comment.
export const ONE = 1;
export const TWO = new Map([["a", 2], ["b", 3]]);
const hidden = "kept // apart";
/**
 * More than one line.
 * @param {number} n
 */
export function twice(n) {
  return { n: 2 * n, hidden };
}
"""
HALF = """import { ONE } from "./numbers.js";
export class Half {
  value = ONE / 2;
}
export async function later() {
  return "later";
}
"""
ENTRY = """import * as numbers from "./numbers.js";
import { Half, later } from "./half.js";
const hidden = numbers.twice(21);
export const told = [hidden.n, hidden.hidden, numbers.TWO.get("b"), new Half().value];
told.push(await later());
console.log(JSON.stringify(told));
"""
MODULES = {"numbers.js": NUMBERS, "half.js": HALF, "entry.js": ENTRY}


@pytest.mark.judge
def test_one_file_does_what_its_modules_do(tmp_path: Path) -> None:
    together, apart = tmp_path / "together.mjs", tmp_path / "apart"
    together.write_text(joined("entry.js", MODULES))
    apart.mkdir()
    (apart / "package.json").write_text('{"type": "module"}')
    for name, text in MODULES.items():
        (apart / name).write_text(text)

    told = [
        subprocess.run([judges.require("node"), program], capture_output=True, check=True).stdout
        for program in (together, apart / "entry.js")
    ]

    assert told[0] == told[1] == b'[42,"kept // apart",3,0.5,"later"]\n'


def test_every_module_comes_once_and_before_who_imports_it() -> None:
    text = joined("entry.js", MODULES)

    assert text.count("const ONE = 1;") == 1
    assert text.index('modules["numbers.js"] =') < text.index('modules["half.js"] =')
    assert text.index('modules["half.js"] =') < text.index("export const told")
    assert "omment" not in text
    assert "More than" not in text


@pytest.mark.parametrize(
    "form",
    [
        'import { ONE as one } from "./numbers.js";',
        'import numbers from "./numbers.js";',
        'import "./numbers.js";',
        'import { ONE } from "/numbers.js";',
        "export default 1;",
        "export { ONE };",
        'export * from "./numbers.js";',
        "export let two = 2;",
        "export const A = 1, B = 2;",
        "export const { A } = { A: 1 };",
        "export function* many() {}",
        "const text = `\n// no comment\n`;",
    ],
)
def test_a_form_that_is_not_known_fails_at_the_start(form: str) -> None:
    modules = MODULES | {"half.js": HALF + form + "\n"}

    with pytest.raises(ValueError, match=r"^half\.js cannot be joined: "):
        joined("entry.js", modules)


def test_what_is_not_there_or_goes_in_a_circle_fails_at_the_start() -> None:
    with pytest.raises(LookupError):
        joined("entry.js", {"entry.js": ENTRY})
    with pytest.raises(RecursionError):
        joined("numbers.js", MODULES | {"numbers.js": 'import { Half } from "./half.js";\n'})


def test_a_tree_serves_the_joined_text_under_the_name_of_the_module(tmp_path: Path) -> None:
    for name, text in MODULES.items():
        (tmp_path / name).write_text(text)
    plain, tree = StaticTree((tmp_path,)), StaticTree((tmp_path,), joined=("entry.js",))

    entry, half = (tree.find(tree.version, name) for name in ("entry.js", "half.js"))
    assert entry is not None
    assert half is not None
    assert entry.content.decode() == joined("entry.js", MODULES)
    assert half.content.decode() == HALF
    assert plain.version != tree.version


def test_styles_come_in_their_order_and_without_comments() -> None:
    last = '/* 3 */\n.three { content: "/* 4 */"; }\n'
    styles = {
        "page.css": f'@import "one.css";\n@import "two.css";\n{last}',
        "one.css": "/* one\n two */\n:root { --one: 1; }\n",
        "two.css": ".two { color: red; } /* after */\n",
    }

    text = joined_styles("page.css", styles)

    assert text.split("\n") == [
        ":root { --one: 1; }",
        '.two { color: red; } .three { content: "/* 4 */"; }',
        "",
    ]
    with pytest.raises(LookupError):
        joined_styles("page.css", {"page.css": styles["page.css"]})


def test_our_styles_are_one_file_that_imports_nothing() -> None:
    tree = StaticTree(joined=JOINED)
    file = tree.find(tree.version, "echt.css")
    assert file is not None
    text = file.content.decode()

    assert "@import" not in text
    assert "/*" not in text
    for name in ("fonts.css", "tokens.css", "echt.css"):
        alone = (OWN / name).read_text()
        assert text.count("{") > alone.count("{")
        assert all(rule in text for rule in alone.splitlines() if rule.startswith("."))
