"""The promise under test: a plan is understood whole or refused with the line and the remedy."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from keys.ceremony import plan as plans
from keys.ceremony.fields import MAX_SIZE
from keys.ceremony.plan import read_plan
from keys.errors import CeremonyInvalid
from tests.keys.ceremony_room import EXAMPLES, Room

ANNOUNCE = (EXAMPLES / "2-announce.yaml").read_text()


@pytest.fixture(scope="module", name="examples")
def _examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every plan of the manual, with people's keys in it."""
    room = Room(tmp_path_factory.mktemp("room"))
    return {path.stem: room.plan(path.stem).read_bytes() for path in EXAMPLES.glob("*.yaml")}


def test_every_example_of_the_manual_is_understood(examples: dict[str, bytes]) -> None:
    read = {name: read_plan(source) for name, source in examples.items()}

    assert {f"{one.kind}" for one in read.values()} == set(plans._ACTS)
    assert all(name.partition("-")[2] == one.kind for name, one in read.items())
    assert all(one.source == examples[name] for name, one in read.items())


def test_every_example_says_what_any_yaml_reader_sees(examples: dict[str, bytes]) -> None:
    """An independent reader of the same bytes finds the same fields (PyYAML's own loader)."""
    for source in examples.values():
        said, understood = yaml.safe_load(source), read_plan(source)
        assert said["ceremony"] == understood.name
        assert said["date"] == understood.day
        assert said["kind"] == understood.kind


@pytest.mark.parametrize(
    ("found", "put", "complaint"),
    [
        ("kind: announce", "kind: anounce", "Line 4: kind must be one of hierarchy, announce"),
        ("years: 3\n", "years: three\n", "Line 6: years must be a whole number from 1 to 10"),
        ("years: 3\n", "years: 0\n", "Line 6: years must be a whole number from 1 to 10"),
        ("years: 3\n", "years: [3]\n", "Line 6: years must be a whole number"),
        ("years: 3\n", "", "Line 2: the field years is missing"),
        ("years: 3\n", "years: 3\nyers: 4\n", "Line 7: there is no field yers here; known: "),
        ("years: 3\n", "years: 3\nyears: 4\n", "Line 7: years stands twice"),
        ("years: 3\n", "years: &y 3\n", "Line 6: write it out"),
        ("years: 3\n", "years: *y\n", "this is not YAML|write it out"),
        ("years: 3\n", "years: !!int 3\n", "Line 6: a plan has no tags"),
        ("date: 2026-11-22", "date: 22-11-2026", "Line 3: date must be a date such as"),
        ("date: 2026-11-22", "date: 2026-02-30", "Line 3: date must be a date such as"),
        ("ceremony: announce", "ceremony: Announce", "Line 2: ceremony must be a name of small"),
        ("seal: file", "seal: paper", "Line 9: custody.seal must be one of file, token"),
        ("seal: file", "sael: file", "Line 9: custody.sael must be for one of seal, seal-rsa"),
        ("  seal: file", "  [a, b]: file", "custody.a list must be for one of"),
        ("custody:\n  seal: file", "custody: {}", "Line 8: custody must be a custody for each"),
        ("custody:\n  seal: file", "custody: file", "Line 8: custody must be fields of its own"),
        ("pki: http://", "pki: javascript://", "Line 7: pki must be an address such as"),
        ("authority: first", "authority: [first]\nx: ", "authority must be the folder"),
        ("kind: announce", "kind: announce\n---\nmore: 1", "this is not YAML"),
        ("kind: announce", "kind: {a: announce", "this is not YAML"),
        ("kind: announce", "kind: " + "[" * 20 + "]" * 20, "Line 4: a plan is not nested this"),
        (ANNOUNCE, "- a\n- b\n", "not a list of fields"),
        (ANNOUNCE, "", "not a list of fields"),
        (ANNOUNCE, "\0", "Line 1: the character U\\+0000"),
        ("years: 3\n", "years: 3\r\n", r"Line 6: the character U\+000D may not .* end in LF"),
        (
            "date: 2026-11-22",
            "date: \uff12026-11-22",
            "Line 3: date must be a date such as",
        ),
        ("years: 3\n", 'years: 3\n"\\e[2J": 4\n', "Line 7: a text of a plan holds U\\+001B"),
        ("years: 3\n", 'years: 3\n"a\\nb": 4\n', "Line 7: the name of a field is one line"),
        ("first-hierarchy/", '"\\u202efirst"  # ', "Line 5: a text of a plan holds U\\+202E"),
        (ANNOUNCE, "x" * (MAX_SIZE + 1), "larger than 64 KB"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_belongs_there(
    found: str, put: str, complaint: str
) -> None:
    assert found in ANNOUNCE
    with pytest.raises(CeremonyInvalid) as refusal:
        read_plan(ANNOUNCE.replace(found, put, 1).encode())

    assert re.search(complaint, refusal.value.reason), refusal.value.reason


def test_a_plan_that_is_not_text_is_refused() -> None:
    with pytest.raises(CeremonyInvalid, match="UTF-8"):
        read_plan(b"\xff\xfe")


@pytest.mark.parametrize(
    "hidden",
    [
        "\r",
        "\x0b",
        "\x0c",
        "\x85",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\xa0",
    ],
    ids=ascii,
)
def test_what_an_editor_shows_as_a_comment_is_a_comment(hidden: str) -> None:
    """YAML 1.1 ends a line at characters that editors draw as nothing, or draw elsewhere."""
    source = ANNOUNCE.replace("years: 3\n", f"years: 3\n# agreed{hidden}authority: other\n")

    with pytest.raises(CeremonyInvalid, match=rf"Line 7: the character U\+{ord(hidden):04X}"):
        read_plan(source.encode())


@pytest.mark.parametrize(
    ("found", "put", "complaint"),
    [
        ("id: bram", "id: anna", "two approvers have the same id"),
        ("name: Bram Testpersoon", "name: ANNA Testpersoon", "two approvers have the same name"),
        ("name: Bram Testpersoon", "name: Anna  Testpersoon", "two approvers have the same name"),
        ("name: Bram Testpersoon", "name: 'Anna Testpersoon '", "two approvers have the same name"),
        (
            "name: Bram Testpersoon",
            "name: \uff21nna Testpersoon",
            "two approvers have the same name",
        ),
        ("id: bram", "id: ../bram", "approvers.id must be a short name"),
        ("role: Internal audit", "role: ''", "approvers.role must be what that person is"),
        ("  trust: file\n", "", "custody must be a custody for each key, the trust key among"),
        ("country: NL", "country: Nederland", "names.country must be two capital letters"),
        ("country: NL", "country: NO", None),
        ("  ca: 10", "  ca: 10\n  sub: 5", "there is no field years.sub here"),
    ],
)
def test_a_hierarchy_has_different_people_and_a_trust_key(
    examples: dict[str, bytes], found: str, put: str, complaint: str | None
) -> None:
    source = examples["1-hierarchy"].decode()
    assert found in source
    changed = source.replace(found, put, 1).encode()

    if complaint is None:  # a country, not the word that YAML 1.1 takes for "false"
        assert read_plan(changed).kind == "hierarchy"
        return
    with pytest.raises(CeremonyInvalid, match=complaint):
        read_plan(changed)


def test_two_people_with_one_key_are_one_person(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.people["bram"].write_bytes(room.people["anna"].read_bytes())

    with pytest.raises(CeremonyInvalid, match="two approvers have the same key"):
        read_plan(room.plan("1-hierarchy").read_bytes())


@pytest.mark.parametrize("kind", ["rsa", "p384"])
def test_an_approvers_key_is_of_a_kind_that_is_checked_anywhere(
    examples: dict[str, bytes], kind: str
) -> None:
    from tests.keys.ceremony_room import public_pem_of_kind  # noqa: PLC0415 - one use

    source = examples["1-hierarchy"].decode()
    start = source.index("-----BEGIN")
    end = source.index("-----END PUBLIC KEY-----", start) + len("-----END PUBLIC KEY-----")

    with pytest.raises(CeremonyInvalid, match="key must be a public key in PEM, P-256 or Ed25519"):
        read_plan((source[:start] + public_pem_of_kind(kind) + source[end:]).encode())


@given(st.binary(max_size=400))
def test_any_bytes_are_a_plan_or_a_clear_refusal(data: bytes) -> None:
    with pytest.raises(CeremonyInvalid) as refusal:
        read_plan(data)

    assert refusal.value.reason.endswith(".")


@given(st.data())
def test_a_plan_with_a_changed_line_is_a_plan_or_a_clear_refusal(data: st.DataObject) -> None:
    lines = ANNOUNCE.splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    lines[place] = data.draw(
        st.text(alphabet=st.sampled_from(" :-[]{}&*!|>'\"#,ab1\n\t"), max_size=30)
    )
    with suppress(CeremonyInvalid):
        assert read_plan("\n".join(lines).encode()).kind == "announce"
