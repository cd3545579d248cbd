"""What is made to hurt is refused in bounded room, measured from outside of Python."""

from __future__ import annotations

import base64
import gzip
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.commands import script

SCRIPT = Path(__file__).with_name("bounded.py")
MEGABYTE = 1 << 20
ROOM_MB = 64


def packed(data: bytes) -> bytes:
    return base64.b64encode(gzip.compress(data, mtime=0))


HOSTILE: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "zeros": (lambda: packed(bytes(200 * MEGABYTE)), "too-large"),
    "nested": (lambda: packed(gzip.compress(bytes(200 * MEGABYTE), mtime=0)), "encoding"),
    "trailing": (
        lambda: base64.b64encode(gzip.compress(b"<elmo/>") + bytes(5 * MEGABYTE)),
        "trailing-bytes",
    ),
    "noise": (
        lambda: base64.b64encode(random.Random(1).randbytes(6 * MEGABYTE)),
        "not-gzip",
    ),
    "attributes": (
        lambda: b"<elmo %s/>" % b" ".join(b"a%d=''" % n for n in range(10_001)),
        "too_many_attributes",
    ),
    "a great many attributes": (
        lambda: b"<elmo %s/>" % b" ".join(b"a%d=''" % n for n in range(500_000)),
        "too_many_attributes",
    ),
    "tower": (lambda: b"<elmo>" * 2_000_000, "malformed"),
    "elements": (lambda: b"<elmo>" + b"<a/>" * 2_000_000 + b"</elmo>", "too_many_elements"),
    "entities": (
        lambda: b"<!DOCTYPE e [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><elmo>&b;</elmo>",
        "doctype",
    ),
    "text": (lambda: b"<elmo>" + b"x" * (30 * MEGABYTE) + b"</elmo>", "no-signature"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_hurt_needs_no_more_than_its_room(tmp_path: Path, name: str) -> None:
    """emrex.md 4.67 and 4.75: 64 MB over the file itself; the second is the bench's to say."""
    make, reason = HOSTILE[name]
    file = tmp_path / "file"
    file.write_bytes(make())

    ended = script(SCRIPT, str(file))

    assert ended.returncode == 0, ended.stderr
    verdict, why, grown = ended.stdout.split()
    assert verdict == ("unsigned" if reason == "no-signature" else "invalid")
    assert why == reason
    assert float(grown) <= ROOM_MB
