"""Makes the vectors of `docs/verify/`: files with the verdict that any implementation must give.

Run as `python -m tests.verifier.kit docs/verify/vectors`. Every run makes a hierarchy of its
own, so the keys of the kit exist nowhere else. A new kind of document is one more function
that yields vectors: XML and JSON are in `kit_forms`, what a status decides in `kit_status`.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.extract import Language
from credentials.facts import sign_facts
from credentials.sealing import Level
from keys import hierarchy
from tests.attacks import forgeries, tools
from tests.attacks.updates import ATTACKS, Anatomy, anatomy
from tests.credentials.people import extract
from tests.verifier import ageing, coded, kit_forms, kit_status
from tests.verifier.elmo import ElmoWorld, make_elmo_world
from tests.verifier.sealed import ADDRESS, NOW, SEAL_KEYS, World
from tests.verifier.vectors import (
    ALTERED,
    CANNOT,
    GENUINE,
    NOT_ORIGINAL,
    NOT_OURS,
    Vector,
)
from verifier.verdict import VerdictCode

ATTACKED = dict.fromkeys(ATTACKS, ALTERED) | {
    "range_missing": CANNOT,
    "contents_null": CANNOT,
    "contents_zero": CANNOT,
    "contents_padding": CANNOT,
    "truncated": CANNOT,
    "cut_in_the_seal": CANNOT,
    "end_cut": CANNOT,
    "shifted": CANNOT,
    "seal_cut_off": NOT_ORIGINAL,
}
"""What each way to change a sealed file leads to."""
ON_ARCHIVED = ("annotation", "javascript", "dss_emptied", "content_bit", "other_catalog")
STOLEN = "seal-p384"
THEFT = NOW - timedelta(minutes=30)
HOSTS = ("sub-domain", "below", "user", "port", "upper-case", "mixed-script", "path")
"""Addresses that look like ours and are not (verifier.md 4.11)."""


def vectors(world: ElmoWorld, stranger: ElmoWorld) -> Iterator[Vector]:
    """All vectors of the kit."""
    page = world.page()
    yield from genuine(world, page)
    yield from changed(world, page)
    yield from foreign(world, stranger, page)
    yield from unsealed(page)
    yield from codes(world, stranger)
    yield from kit_forms.vectors(world, stranger, page)
    yield from kit_status.vectors(world)


def genuine(world: World, page: bytes) -> Iterator[Vector]:
    """Every level with every key, renewed, and cut back to the seal."""
    for level in Level:
        for purpose in SEAL_KEYS:
            sealed = world.seal(page, level, purpose=purpose)
            name = f"genuine-{level.value}-{purpose}".lower()
            lost = (purpose, level) == (STOLEN, Level.B_B)
            note = (
                "its key was stolen later and no time-stamp says when it was made" if lost else ""
            )
            yield Vector("pdf", name, sealed, CANNOT if lost else GENUINE, note)
    archived = world.seal(page, Level.B_LTA)
    cut = archived[: anatomy(archived).file.revisions[1].end]
    yield Vector("pdf", "genuine-cut-back", cut, GENUINE, "archive data cut off")
    once = world.preserve(archived, at=NOW - timedelta(minutes=20))
    yield Vector("pdf", "genuine-renewed", once, GENUINE, "a second archive time-stamp")
    preserved = world.preserve(world.seal(page), at=NOW - timedelta(minutes=10))
    yield Vector("pdf", "genuine-preserved", preserved, GENUINE, "B-T, archive data added later")


def changed(world: World, page: bytes) -> Iterator[Vector]:
    """Every way to change a sealed file; some on a file with archive data too."""
    sealed = anatomy(world.seal(page))
    for name, attack in ATTACKS.items():
        yield Vector("pdf", f"changed-{_spelled(name)}", attack(sealed), ATTACKED[name])
    archived = anatomy(world.seal(page, Level.B_LTA))
    for name in ON_ARCHIVED:
        changed_file = ATTACKS[name](archived)
        yield Vector("pdf", f"archived-{_spelled(name)}", changed_file, ATTACKED[name])
    yield Vector("pdf", "changed-signature-bit", _signature_bit(sealed), CANNOT, "one bit")
    yield Vector(
        "pdf",
        "changed-qpdf",
        tools.saved_by(sealed.data, "qpdf in.pdf out.pdf"),
        ALTERED,
        "an honest re-save",
    )
    locked = tools.saved_by(page, "qpdf --encrypt a b 256 -- in.pdf out.pdf")
    yield Vector("pdf", "locked", locked, CANNOT, "has a password")


def foreign(world: World, stranger: World, page: bytes) -> Iterator[Vector]:
    """Seals of others, and of a thief."""
    theirs = stranger.seal(page)
    yield Vector("pdf", "foreign-same-names", theirs, NOT_OURS, "the same names, other keys")
    for level in (Level.B_T, Level.B_LTA):
        late = world.seal(page, level, purpose=STOLEN, at=NOW - timedelta(minutes=10))
        variant = f"foreign-after-theft-{level.value}".lower()
        yield Vector("pdf", variant, late, NOT_OURS, "sealed after its key was stolen")


def unsealed(page: bytes) -> Iterator[Vector]:
    """Files without a seal, and files that are nothing of ours."""
    yield Vector("pdf", "unsealed", page, NOT_ORIGINAL, "as drawn, without a seal")
    picture = np.full((120, 90, 3), 255, np.uint8)
    for ending in ("png", "jpg"):
        made = cv2.imencode(f".{ending}", picture)[1].tobytes()
        yield Vector("picture", ending, made, NOT_ORIGINAL)
    yield Vector("other", "words", b"This is to certify that ...\n", CANNOT)


def codes(world: World, stranger: World) -> Iterator[Vector]:
    """Texts of QR codes: genuine, damaged, of another house."""
    signer = hierarchy.open_signer(world.keys, "facts")
    for person, language in (("hbo", "nl"), ("long-name", "en"), ("arabic", "de")):
        text = sign_facts(extract(person, Language(language)), signer, address=ADDRESS)
        yield _code(f"genuine-{person}-{language}", text, GENUINE)
    text = sign_facts(extract("hbo"), signer, address=ADDRESS)
    start, _, letters = text.partition("#")
    yield _code("genuine-from-an-editor", f"\ufeff{text}\r\n", GENUINE, "a text file's own marks")
    yield _code("genuine-facts-alone", f"{letters}\n", GENUINE)
    signed = coded.octets(letters)
    for place in range(0, len(signed), len(signed) // 8):
        flipped = bytearray(signed)
        flipped[place] ^= 1
        yield _code(f"flipped-{place:03d}", _text(start, bytes(flipped)), NOT_OURS)
    yield _code("longer", _text(start, signed + b"\0"), NOT_OURS, "one byte behind the object")
    yield _code("shorter", _text(start, signed[:-1]), NOT_OURS)
    yield _code("lower-case", text.lower(), NOT_OURS, "base32 is upper case")
    theirs = hierarchy.open_signer(stranger.keys, "facts")
    other = sign_facts(extract("hbo"), theirs, address=ADDRESS)
    yield _code("other-key", other, NOT_OURS)
    for variant in HOSTS:
        host = forgeries.HOSTS[variant]
        yield _code(f"host-{variant}", text.replace(f"https://{ADDRESS}/", host), NOT_OURS)


def _code(variant: str, text: str, verdict: VerdictCode, note: str = "") -> Vector:
    return Vector("qr", variant, text.encode(), verdict, note)


def _text(start: str, signed: bytes) -> str:
    return f"{start}#{coded.letters(signed)}"


def _spelled(name: str) -> str:
    return name.replace("_", "-")


def _signature_bit(sealed: Anatomy) -> bytes:
    """One bit of the signature value itself: our key can no longer be seen to have signed."""
    container = sealed.contents.value
    value = re.search(rb"\x04[\x40-\x50]\x30[\x3e-\x4e]\x02", container)
    assert value is not None
    place = sealed.contents.start + 1 + 2 * (value.end() + 10)
    digit = b"%x" % (int(sealed.data[place : place + 1], 16) ^ 1)
    return sealed.data[:place] + digit + sealed.data[place + 1 :]


def make(into: Path) -> None:
    """Write the kit: files, trust list, root, statuses and what to expect."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        world, stranger = make_elmo_world(Path(one)), make_elmo_world(Path(other))
        made = list(vectors(world, stranger))
        ageing.compromise(world.keys, STOLEN, since=THEFT)
        trust = ageing.list_of(world.keys, at=NOW)
        root = x509.load_pem_x509_certificate((world.keys / "root.pem").read_bytes())
    for vector in made:
        (into / vector.name).parent.mkdir(parents=True, exist_ok=True)
        (into / vector.name).write_bytes(vector.data)
    kit_status.write(into / kit_status.FOLDER, made)
    (into / "trust.json").write_bytes(trust)
    (into / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (into / "root.der").write_bytes(root.public_bytes(Encoding.DER))
    told = {"at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "address": ADDRESS}
    rows = [_row(vector) for vector in made]
    text = json.dumps(told | {"vectors": rows}, indent=1, ensure_ascii=False)
    (into / "expected.json").write_text(text + "\n", encoding="utf-8")


def _row(vector: Vector) -> dict[str, str]:
    row = {"file": vector.name, "kind": vector.kind, "variant": vector.variant}
    row["verdict"], row["today"] = vector.verdict.value, vector.known_today.value
    return row | ({"note": vector.note} if vector.note else {})


if __name__ == "__main__":
    make(Path(sys.argv[1]))
