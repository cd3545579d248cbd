"""Reading a file to import: whatever stands in it, reading goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from register.errors import UnreadableSource
from register.lines import MAX_LINE_BYTES, WithdrawalLine
from register.reading import Item, JsonLines, Records, fingerprint_of
from register.rules import RefusedLine

HEADER = b'{"format":"echt-register","version":1}\n'
GOOD = b'{"type":"withdrawal","award":"a1"}\n'


def items(path: Path, content: bytes, *, line: int = 0, offset: int = 0) -> list[Item]:
    path.write_bytes(content)
    return list(JsonLines(path).items(line=line, offset=offset))


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "delivery.jsonl"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (GOOD, "first line"),
        (b'{"format":"echt-register","version":2}\n', "another version"),
        (b'{"format":"echt-register"}\n', "another version"),
        (b'{"format":"other","version":1}\n', "first line"),
        (b'{"format":"other","version":2}\n', "first line"),
        (b'{"format":"echt-register","version":1,"x":1}\n', "first line"),
        (b"%PDF-1.7\n", "first line"),
        (b"\xff\xfe\x00", "first line"),
    ],
)
def test_a_file_without_the_header_is_refused_whole(path: Path, content: bytes, words: str) -> None:
    path.write_bytes(content)
    with pytest.raises(UnreadableSource, match=words):
        JsonLines(path)


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UnreadableSource, match="cannot be opened"):
            JsonLines(path)


@pytest.mark.parametrize("header", [HEADER, b"\xef\xbb\xbf" + HEADER, HEADER[:-1] + b"\r\n"])
def test_line_ends_and_blank_lines_do_not_matter(path: Path, header: bytes) -> None:
    read = items(path, header + b"\n  \n" + GOOD[:-1] + b"\r\n" + GOOD[:-1])

    assert [item.line for item in read] == [4, 5]
    assert all(isinstance(item.content, WithdrawalLine) for item in read)


def test_a_bad_line_does_not_stop_the_reading(path: Path) -> None:
    read = items(path, HEADER + b"{\n" + b"\xff\n" + GOOD)

    rules = [item.content.rule if isinstance(item.content, RefusedLine) else "" for item in read]
    assert rules == ["not-json", "not-utf8", ""]


@pytest.mark.parametrize("length", [MAX_LINE_BYTES + 1, 3_500_000])
def test_an_endless_line_is_passed_over_without_being_kept(path: Path, length: int) -> None:
    read = items(path, HEADER + b"x" * length + b"\n" + GOOD)

    long, good = read
    assert isinstance(long.content, RefusedLine)
    assert long.content.rule == "line-too-long"
    assert long.size <= MAX_LINE_BYTES + 1
    assert isinstance(good.content, WithdrawalLine)
    assert (good.line, good.ends_at) == (3, path.stat().st_size)


def test_the_longest_line_that_is_allowed_is_read(path: Path) -> None:
    line = json.dumps({"type": "withdrawal", "award": "a1"}).encode()
    [item] = items(path, HEADER + line + b" " * (MAX_LINE_BYTES - len(line) - 1) + b"\n")
    assert isinstance(item.content, WithdrawalLine)


def test_reading_goes_on_after_any_line(path: Path) -> None:
    whole = items(path, HEADER + GOOD + b"x" * 2_000_000 + b"\n" + b"\n" + GOOD + b"{")

    for number, item in enumerate(whole):
        again = items(path, path.read_bytes(), line=item.line, offset=item.ends_at)
        assert [(each.line, each.ends_at) for each in again] == [
            (each.line, each.ends_at) for each in whole[number + 1 :]
        ]


def test_a_file_is_known_by_its_content(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other name.jsonl"
    path.write_bytes(HEADER + GOOD)
    other.write_bytes(HEADER + GOOD)

    assert JsonLines(path).fingerprint == JsonLines(other).fingerprint == fingerprint_of(path)
    other.write_bytes(HEADER + GOOD + GOOD)
    assert JsonLines(path).fingerprint != JsonLines(other).fingerprint
    assert JsonLines(other).size == len(HEADER + GOOD + GOOD)


def test_records_of_another_format_are_counted_from_one() -> None:
    lines = [WithdrawalLine(type="withdrawal", award=f"a{number}") for number in range(3)]
    source = Records("f", lines)

    assert [(item.line, item.ends_at) for item in source.items(line=0, offset=0)] == [
        (1, 1),
        (2, 2),
        (3, 3),
    ]
    [last] = source.items(line=2, offset=2)
    assert last.content == lines[2]


@pytest.mark.parametrize("excess", [0, 1, 2, 300_000])
def test_the_line_after_one_that_is_too_long_is_never_lost(path: Path, excess: int) -> None:
    """Found by an attack: a line of exactly one byte too many swallowed the next one."""
    long = b"x" * (MAX_LINE_BYTES - 1 + excess) + b"\n"

    read = items(path, HEADER + long + GOOD)

    assert [item.line for item in read] == [2, 3]
    assert isinstance(read[-1].content, WithdrawalLine)
    assert read[-1].ends_at == len(HEADER + long + GOOD)
