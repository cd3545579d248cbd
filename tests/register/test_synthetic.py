from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.nl import brin, bsn, onderwijsnummer

from register import codes
from register.errors import RegisterUnavailable
from register.lines import LINE, HeaderLine
from register.synthetic import HARD_PEOPLE, PERSONAS, canaries, lines, marks, write
from register.synthetic.draw import Draw
from register.synthetic.personas import CANARY
from register.synthetic.vocabulary import data
from tests import judges

Json = dict[str, Any]
MANY = 20_000
CAST: dict[str, Json] = {member["key"]: member for member in data("fixtures.json")["cast"]}


def parsed(people: int, seed: int) -> list[Json]:
    return [json.loads(line) for line in lines(people, seed)]


@cache
def register() -> tuple[Json, ...]:
    return tuple(parsed(MANY, 2026))


def of_type(kind: str, found: Iterable[Json] | None = None) -> list[Json]:
    return [line for line in found or register() if line.get("type") == kind]


@cache
def first_versions() -> tuple[Json, ...]:
    people: dict[str, Json] = {}
    for line in of_type("person"):
        people.setdefault(line["person"], line)
    return tuple(people.values())


@cache
def crowd() -> tuple[Json, ...]:
    cast = {member["line"]["person"] for member in CAST.values()}
    return tuple(line for line in first_versions() if line["person"] not in cast)


def of_cast(key: str) -> Json:
    line: Json = CAST[key]["line"]
    return line


def test_the_same_seed_gives_the_same_bytes() -> None:
    """register.md 4.16."""
    first = hashlib.sha256(b"".join(lines(300, 7))).hexdigest()

    assert first == hashlib.sha256(b"".join(lines(300, 7))).hexdigest()
    assert first != hashlib.sha256(b"".join(lines(300, 8))).hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_with_other_hashes_writes_the_same_bytes(hash_seed: str) -> None:
    program = """import hashlib
from register.synthetic import lines
print(hashlib.sha256(b"".join(lines(300, 7))).hexdigest())"""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}

    printed = subprocess.check_output(
        [sys.executable, "-c", program], cwd=judges.ROOT, env=environment, text=True
    )

    assert printed.strip() == hashlib.sha256(b"".join(lines(300, 7))).hexdigest()


def test_a_longer_register_begins_like_a_shorter_one() -> None:
    def people(found: list[Json]) -> list[Json]:
        return of_type("person", found)

    short, long = people(parsed(200, 7)), people(parsed(400, 7))

    assert [line["person"] for line in short[:150]] == [line["person"] for line in long[:150]]


def test_every_line_is_of_the_import_format() -> None:
    header, *rest = lines(3_000, 1)

    HeaderLine.model_validate_json(header)
    for line in rest:
        assert line.endswith(b"}\n")
        assert LINE.validate_json(line).type == json.loads(line)["type"]


def test_the_file_refers_only_to_what_it_gave_before() -> None:
    known: dict[str, set[str]] = {"institution": set(), "programme": set(), "award": set()}
    for line in register()[1:]:
        if line["type"] == "withdrawal":
            assert line["award"] in known["award"]
        for award in line.get("awards", ()):
            assert award["institution"] in known["institution"]
            assert award["programme"] in known["programme"]
            known["award"].add(award["award"])
        if "code" in line:
            known[line["type"]].add(line["code"])


def test_kinds_of_lines_come_in_the_promised_order() -> None:
    kinds = [line.get("type", "header") for line in register()]

    order = ["header", "institution", "programme", "person", "withdrawal"]
    assert kinds == sorted(kinds, key=order.index)


def test_the_number_of_people_is_the_one_asked_for() -> None:
    assert len(first_versions()) == MANY


@pytest.mark.parametrize("people", [0, 1, 500])
def test_the_whole_cast_is_present_whatever_the_number_and_seed(people: int) -> None:
    """register.md 4.16."""
    found = parsed(people, people + 3)

    for member in CAST.values():
        wanted = [member["line"], *member.get("later", []), *member.get("withdrawals", [])]
        assert all(line in found for line in wanted)


def share(count: int, expected: float, of: int) -> None:
    """Five standard deviations of the binomial distribution around the share."""
    deviation = (of * expected * (1 - expected)) ** 0.5
    assert abs(count - of * expected) < 5 * deviation, (count, of * expected)


def test_sectors_have_their_shares() -> None:
    sector = {line["code"]: line["sector"] for line in of_type("programme")}
    learned = [line for line in crowd() if line["awards"]]
    counted = Counter(sector[line["awards"][0]["programme"]] for line in learned)

    wanted = {"vo": 0.45, "mbo": 0.25, "hbo": 0.20, "wo": 0.08, "NT2": 0.02}
    assert counted.keys() == wanted.keys()
    for name, expected in wanted.items():
        share(counted[name], expected, len(learned))


def test_difficult_names_and_births_have_their_shares() -> None:
    people = crowd()
    given = [line for line in people if line["name"].get("given")]

    share(len(people) - len(given), 0.005, len(people))
    share(sum("prefix" in line["name"] for line in people), 0.08, len(people))
    beyond = [line for line in people if max(map(ord, "".join(line["name"].values()))) > 0xFF]
    share(len(beyond), 0.06, len(people))
    share(sum(0 < len(line["birth"]) < 10 for line in people), 0.01, len(people))
    share(sum(not line["birth"] for line in people), 0.002, len(people))
    share(sum("onderwijsnummer" in line for line in people), 0.001, len(people))


def test_what_becomes_of_records_has_its_share() -> None:
    people, first = crowd(), {line["person"]: line for line in crowd()}
    later = [line for line in of_type("person") if line["person"] in first]
    changed = [line for line in later if line["name"] != first[line["person"]]["name"]]
    corrected = [line for line in later if line["awards"] != first[line["person"]]["awards"]]
    merged = {line["code"] for line in of_type("institution") if "successor" in line}
    old_school = [line for line in people if {a["institution"] for a in line["awards"]} & merged]

    share(len(changed), 0.003, len(people))
    share(len(corrected), 0.001, len(people))
    share(len(of_type("withdrawal")) - 1, 0.0005, len(people))
    share(len(old_school), 0.02, len(people))
    share(sum(len(line["awards"]) > 1 for line in people), 0.10, len(people))
    share(sum(not line["awards"] for line in people), 0.03, len(people))


def test_second_versions_say_something_new_and_keep_the_person() -> None:
    first = {line["person"]: line for line in first_versions()}
    later = [line for line in of_type("person") if line != first[line["person"]]]

    assert len(later) == len(of_type("person")) - MANY
    for line in later:
        before = first[line["person"]]
        assert line.get("bsn") == before.get("bsn")
        assert [a["award"] for a in line["awards"]] == [a["award"] for a in before["awards"]]


def test_ids_and_numbers_are_given_once() -> None:
    people = first_versions()
    awards = [award["award"] for line in people for award in line["awards"]]
    numbers = [line.get("bsn") or line["onderwijsnummer"] for line in people]

    for ids in (awards, numbers, [line["person"] for line in people]):
        assert len(set(ids)) == len(ids)
    assert {len(identifier) for identifier in awards} == {26}
    assert not set("".join(awards)) & set("ILOU")


def test_every_number_is_valid_by_another_library_and_in_the_canary_range() -> None:
    """register.md 3.5 and 4.3; python-stdnum is the judge."""
    for line in first_versions():
        number = line.get("bsn") or line["onderwijsnummer"]
        assert (bsn if "bsn" in line else onderwijsnummer).is_valid(number)
        assert canaries.CANARY.fullmatch(number)


def test_the_canary_range_goes_on_after_nine_hundred_thousand_people() -> None:
    late = list(islice(canaries.bsns(3), 899_000, 902_000))

    assert {number[:2] for number in late} == {"99", "98"}
    assert all(bsn.is_valid(number) for number in late)
    assert len(set(late)) == len(late)


def test_chance_never_draws_a_number_of_the_cast() -> None:
    assert all(line["bsn"][:4] != "9999" for line in crowd() if "bsn" in line)
    assert all(number[:5] != "10999" for number in canaries.onderwijsnummers(1))


def test_a_search_for_canaries_finds_them_in_running_text() -> None:
    assert canaries.CANARY.findall("a=999900018, b=109900016; not 1999900018 or 123456782") == [
        "999900018",
        "109900016",
    ]


def test_institution_codes_have_the_form_of_a_brin() -> None:
    """register.md 4.4; python-stdnum is the judge."""
    assert all(brin.is_valid(line["code"]) for line in of_type("institution"))


def test_no_award_is_older_than_the_coverage_of_its_sector() -> None:
    """register.md 2.1."""
    sector = {line["code"]: line["sector"] for line in of_type("programme")}
    first_year: dict[str, int] = {}
    for row in codes.coverage():
        if row.valid_from is not None:
            year = row.valid_from.year
            first_year[row.sector] = min(first_year.get(row.sector, year), year)

    assert {"vo", "mbo", "hbo", "wo"} <= first_year.keys()
    for line in crowd():
        for award in line["awards"]:
            earliest = first_year.get(sector[award["programme"]], 2007)
            assert int(award["awarded"][:4]) >= earliest


def test_no_school_awards_after_it_merged_away() -> None:
    ended = {
        line["code"]: line["names"][-1]["until"]
        for line in of_type("institution")
        if "successor" in line
    }
    for line in first_versions():
        for award in line["awards"]:
            assert award["awarded"] < ended.get(award["institution"], "9999")


def test_a_chain_of_three_mergers_ends_at_a_school_that_is_open() -> None:
    """register.md 4.13."""
    successor = {line["code"]: line.get("successor") for line in of_type("institution")}
    chain = [of_cast("merger-chain")["awards"][0]["institution"]]
    while following := successor[chain[-1]]:
        chain.append(following)

    assert len(chain) == 4


@given(school=st.integers(10, 100), central=st.integers(10, 100))
def test_a_final_mark_is_the_average_with_halves_up(school: int, central: int) -> None:
    average = (Decimal(marks.written(school)) + Decimal(marks.written(central))) / 2

    assert marks.final(school, central) == int(average.quantize(Decimal(1), ROUND_HALF_UP))
    alone = Decimal(marks.written(school)).quantize(Decimal(1), ROUND_HALF_UP)
    assert marks.final(school) == int(alone)


def test_marks_of_secondary_education_follow_from_one_another() -> None:
    """register.md 4.7."""
    seen = 0
    for line in first_versions():
        for result in (r for award in line["awards"] for r in award.get("results", ())):
            if "centralExam" in result:
                average = (Decimal(result["schoolExam"]) + Decimal(result["centralExam"])) / 2
                assert int(result["final"]) == average.quantize(Decimal(1), ROUND_HALF_UP)
                seen += 1
    assert seen > MANY


def test_nobody_passes_with_two_fives() -> None:
    for line in crowd():
        for award in line["awards"]:
            finals = [r["final"] for r in award.get("results", ()) if r.get("counted", True)]
            assert finals.count("5") <= 1


def test_every_text_is_in_nfc() -> None:
    for line in lines(2_000, 4):
        text = line.decode()
        assert unicodedata.is_normalized("NFC", text)


def test_the_cast_shows_every_row_of_the_difficulties_of_people() -> None:
    """register.md 2.5."""
    names = {key: member["line"]["name"] for key, member in CAST.items()}

    assert names["single-name"] == {"surname": "Obbadah", "gender": "M"}
    assert names["no-surname"]["surname"] == "." == names["no-name"]["surname"]
    assert names["no-surname"]["given"] == "Dian Marini Maya"
    assert names["final-dot"]["surname"].endswith("Jansz.")
    assert names["initials-letters"]["given"] == "J P"
    assert {names[key]["prefix"] for key in names if key.startswith("prefix-")} == {
        "van den",
        "El",
        "'S",
        "De las",
    }
    letters = "".join(names["diacritics"].values())
    assert set("ŻïŀñøŔÅłçĐ") <= set(letters)
    assert {of_cast(f"birth-{known}")["birth"] for known in ("month", "year", "unknown")} == {
        "1991-05",
        "1963",
        "",
    }
    assert of_cast("birth-2020-05")["birth"] == "2020-05"
    assert {names[key]["title"] for key in names if key.startswith("noble-")} >= {"JV", "GI"}
    assert CAST["name-changed"]["later"][0]["name"]["gender"] == "V"


def test_the_cast_has_the_other_forced_cases() -> None:
    """register.md 3.5."""
    anna, bram = of_cast("twin-anna"), of_cast("twin-bram")
    assert (anna["name"]["surname"], anna["birth"]) == (bram["name"]["surname"], bram["birth"])
    one, other = of_cast("namesake-1"), of_cast("namesake-2")
    assert (one["name"], one["birth"]) == (other["name"], other["birth"])
    assert one["person"] != other["person"]

    def outside(key: str) -> int:
        results = of_cast(key)["awards"][0]["results"]
        return sum(not result.get("counted", True) for result in results)

    assert (outside("vo-refused"), outside("vo-extra")) == (0, 1)
    assert of_cast("mbo-certificate")["awards"][0]["partial"] is True
    assert of_cast("before-coverage")["awards"] == []
    assert "bsn" not in of_cast("no-bsn")
    assert len(of_cast("sixty-results")["awards"][0]["results"]) == 60
    parts = of_cast("nt2-ii")["awards"][0]["results"]
    assert [part["level"] for part in parts] == ["B2"] * 4
    assert len(of_cast("long-word")["name"]["surname"]) >= 51
    assert len(" ".join(of_cast("long-name")["name"].values())) >= 90


@pytest.mark.parametrize(
    ("key", "script"),
    [("arabic", "ARABIC"), ("hebrew", "HEBREW"), ("greek", "GREEK"), ("cyrillic", "CYRILLIC")],
)
def test_the_cast_writes_names_in_other_scripts(key: str, script: str) -> None:
    letters = [c for c in of_cast(key)["name"]["given"] if c.isalpha()]

    assert letters
    assert all(unicodedata.name(letter).startswith(script) for letter in letters)


def test_the_personas_are_people_of_the_cast() -> None:
    for persona in (*PERSONAS, CANARY):
        line = of_cast(persona.key)
        assert (persona.person_id, persona.bsn) == (line["person"], line["bsn"])
        assert bsn.is_valid(persona.bsn)
    assert of_cast(CANARY.key)["name"]["surname"] == "Testenburg-Lekzoeker"


def test_the_ten_hard_people_have_their_awards_in_the_cast() -> None:
    awards = {a["award"]: key for key, m in CAST.items() for a in m["line"]["awards"]}

    assert len(set(HARD_PEOPLE)) == 10
    assert set(HARD_PEOPLE) <= awards.keys()


def test_identifiers_are_crockford_base32() -> None:
    identifier = Draw(1).identifier()

    assert len(identifier) == 26
    assert identifier == Draw(1).identifier() != Draw(2).identifier()


def test_writing_gives_the_same_lines_and_tells_its_progress(tmp_path: Path) -> None:
    told: list[int] = []
    path = tmp_path / "register.jsonl"

    total = write(path, people=2_500, seed=5, progress=told.append)

    assert path.read_bytes() == b"".join(lines(2_500, 5))
    assert total == 2_500 == told[-1]
    assert told == sorted(told)
    assert set(told) >= {1_000, 2_000}
    assert [entry.name for entry in tmp_path.iterdir()] == ["register.jsonl"]


def test_a_file_that_cannot_be_written_is_a_plain_problem(tmp_path: Path) -> None:
    with pytest.raises(RegisterUnavailable):
        write(tmp_path / "absent" / "register.jsonl", people=10, seed=1)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RegisterUnavailable):
        write(tmp_path / "file" / "register.jsonl", people=10, seed=1)
    (tmp_path / "file").unlink()
    (tmp_path / "folder").mkdir()
    with pytest.raises(RegisterUnavailable):
        write(tmp_path / "folder", people=10, seed=1)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_full_disk_leaves_no_half_file_behind(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk."""
    program = """import resource, sys
from pathlib import Path
from register.errors import RegisterUnavailable
from register.synthetic import write
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
try:
    write(Path(sys.argv[1]), people=5_000, seed=1)
except RegisterUnavailable as problem:
    print(problem.public)"""
    command = [sys.executable, "-c", program, str(tmp_path / "register.jsonl")]

    printed = subprocess.check_output(command, cwd=judges.ROOT, text=True)

    assert printed == "The synthetic register could not be written.\n"
    assert list(tmp_path.iterdir()) == []


def test_more_people_than_canary_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="canary"):
        list(lines(2_000_000, 1))
