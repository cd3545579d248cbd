"""The conformance kit, judged by our own verifier: one verdict a file, and never a wrong one.

verifier.md goals 14 to 16 and 18, checklist 1, 5 to 11, 15, 16; F1 to F15.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import judges
from tests.attacks import making, originals, runner
from tests.attacks.making import Row
from tests.attacks.originals import Originals
from tests.attacks.variants import HONEST, Variant
from tests.listening import a_place, served
from tests.verifier.conftest import a_verifier
from tests.verifier.site import a_site
from verifier.sandbox import Sandbox
from verifier.verdict import Verdict, VerdictCode
from verifier.verifying import Verifier

pytestmark = [pytest.mark.judge, pytest.mark.slow]

TABLE = making.table()
MODI = [f"F{number}" for number in range(1, 16) if number != 11]
"""F11 cannot be made: `test_foreign_bytes_are_never_sealed`."""
ECHT = [
    str(Path(sys.executable).with_name("echt")),
    *("verify", "--offline", "--json", "--trust", "{trust}", "--at", "{at}", "{files}"),
]
GENUINE_BY_NATURE = {"F6", "F10", "F15", HONEST}


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Originals:
    return originals.make(tmp_path_factory.mktemp("originals"))


@pytest.fixture(scope="module", name="variants")
def _variants(made: Originals) -> dict[str, Variant]:
    return {one.file: one for one in making.variants(made)}


@pytest.fixture(scope="module", name="kit")
def _kit(
    made: Originals, variants: dict[str, Variant], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("kit")
    making.write(folder, made, variants.values())
    return folder


@pytest.fixture(scope="module", name="rooms")
def _rooms() -> Iterator[Sandbox]:
    with Sandbox(1) as rooms:
        yield rooms


@pytest.fixture(scope="module", name="verifier")
def _verifier(made: Originals, rooms: Sandbox) -> Verifier:
    return a_verifier(made.world, index=made.index(), statuses=made.statuses(), reading=rooms)


def judged(verifier: Verifier, one: Variant, *, offline: bool = False) -> Verdict:
    if one.kind == "code":
        return verifier.verify_code(one.data.decode(), offline=offline)
    return verifier.verify(one.data, offline=offline)


def test_the_table_names_every_variant_once(variants: dict[str, Variant]) -> None:
    assert set(variants) == set(TABLE)
    assert {row.file: row.modus for row in TABLE.values()} == {
        file: one.modus for file, one in variants.items()
    }


def test_every_modus_is_there_and_in_every_kind() -> None:
    """Goal 15: at least sixty variants, of PDF, XML, JSON and codes."""
    counted = Counter(row.modus for row in TABLE.values())
    kinds = {row.file.rpartition(".")[2] for row in TABLE.values()}

    assert sorted(MODI) == sorted(set(counted) - {HONEST})
    assert sum(counted[modus] for modus in MODI) >= 60
    assert kinds >= {"pdf", "xml", "json", "jws", "txt", "png", "jpg"}


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.file)
def test_the_verdict_is_that_of_the_table(
    row: Row, variants: dict[str, Variant], verifier: Verifier
) -> None:
    one = variants[row.file]
    asked, alone = judged(verifier, one), judged(verifier, one, offline=True)

    assert (asked.code.value, alone.code.value) == (row.verdict, row.offline)
    if row.modus not in GENUINE_BY_NATURE:
        assert not asked.code.is_positive
        assert not alone.code.is_positive
        assert asked.facts is None
        assert alone.facts is None


def test_no_attack_in_the_table_is_genuine() -> None:
    """Goal 15, told by the table itself, so that it cannot be loosened unseen."""
    positive = {code.value for code in VerdictCode if code.is_positive}
    wrong = [
        row.file
        for row in TABLE.values()
        if row.modus not in GENUINE_BY_NATURE and {row.verdict, row.offline} & positive
    ]
    assert wrong == []


def test_nothing_honest_is_called_forged() -> None:
    """Goal 14. A re-save is "changed", with the sentence that a program can do that too."""
    honest = [row for row in TABLE.values() if row.modus == HONEST]
    codes = {code for row in honest for code in (row.verdict, row.offline)}

    assert VerdictCode.NOT_OURS.value not in codes


def test_the_runner_drives_a_program_and_finds_nothing(kit: Path) -> None:
    """Goal 59: the kit as a folder, and our own command as any other program."""
    found = list(runner.differences(kit, ECHT))

    assert found == []


def test_the_second_implementation_says_the_same_of_every_pdf_and_code(kit: Path) -> None:
    """verifier.md 4.24, goal 59: the kinds that it covers (`docs/verify/README.md`)."""
    script = str(judges.ROOT / "docs" / "verify" / "check.mjs")
    command = [judges.require("node"), script, "--trust", "{trust}", "--at", "{at}", "{files}"]

    assert list(runner.differences(kit, command, only={"pdf", "txt"})) == []


def test_the_second_implementation_says_nothing_of_kinds_it_does_not_cover(kit: Path) -> None:
    """Null is no verdict: XML, JSON, JWS, and what is packed or written in letters."""
    script = str(judges.ROOT / "docs" / "verify" / "check.mjs")
    command = [judges.require("node"), script, "--trust", "{trust}", "--at", "{at}", "{files}"]
    kinds = {"xml", "json", "jws"}
    silent = list(runner.differences(kit, command, only=kinds))

    assert len(silent) == sum(row.file.rpartition(".")[2] in kinds for row in TABLE.values())
    assert all(line.endswith("None given") for line in silent)


def test_a_verifier_behind_an_address_is_held_to_todays_status(
    kit: Path, verifier: Verifier
) -> None:
    """Goal 59: any verifier with a ledger, by HTTP, held to the column `verdict`."""
    with a_place() as (listener, address), served(a_site(verifier, address), listener):
        place = f"{address}/api/v1/verifications"
        found = list(runner.differences(kit, [place], column=runner.ASKED))

    assert found == []


def test_a_program_is_held_to_todays_status_by_what_the_kit_tells(kit: Path) -> None:
    """Goal 59: trust list, ledger and moment of the kit are all that a verifier needs."""
    asking = [sys.executable, "-m", "tests.attacks.asking", "{trust}", "{ledger}", "{files}"]

    assert list(runner.differences(kit, asking, column=runner.ASKED)) == []


def test_the_page_of_the_kit_names_what_lies_beside_it(kit: Path) -> None:
    named = re.findall(r"^\| `([\w.]+)` \|", (kit / "README.md").read_text("utf-8"), re.MULTILINE)
    folders = {one.name for one in kit.iterdir() if one.is_dir()}

    assert {*named, "README.md"} == {one.name for one in kit.iterdir() if one.is_file()}
    assert folders == {modus.lower() for modus in (*MODI, HONEST)}


def test_the_folder_of_the_kit_is_enough(kit: Path) -> None:
    """Goal 59: its own runner, with a Python that knows nothing of ours."""
    bare = [sys.executable, "-I", "-S", str(kit / "runner.py"), "--only", "jws", str(kit)]
    done = subprocess.run([*bare, "echo", "NOT_OURS"], capture_output=True, text=True, check=False)

    genuine = "f6/genuine.jws: GENUINE_STATUS_UNKNOWN expected, NOT_OURS given"
    assert done.stdout.splitlines() == [genuine, "1 differences"], done.stderr
    assert done.returncode == 1


def test_the_runner_says_what_a_lenient_program_gets_wrong(kit: Path) -> None:
    found = list(runner.differences(kit, ["sh", "-c", "echo GENUINE_CURRENT", "{file}"]))

    assert len(found) == len(TABLE)
