"""Any octets at any reader: evidence or "could not be read", nothing else, and soon.

Readers run in this process, without walls, so that whatever escapes them is seen. A case
that was once found is kept in `corpus/` under the name of its kind and tried first.
"""

from __future__ import annotations

import base64
import gzip
import json
import time
from pathlib import Path
from typing import Any

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.verifier import coded, elmo, hostile
from tests.verifier.elmo import ElmoWorld
from tests.verifier.sealed import ADDRESS, NOW, World
from verifier import wire
from verifier.errors import ReadingFailed
from verifier.intake import Kind, kind_of
from verifier.pdf.syntax import Refused
from verifier.ports import Asked
from verifier.reading import ReadingHere, readers
from verifier.verdict import Evidence

CORPUS = Path(__file__).parent / "corpus"
SECONDS = 5.0
"""Of processor time; the closed room gives eight."""
SLOW = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
KINDS = [kind for kind in readers(ADDRESS) if kind is not Kind.PDF]
"""PDF has its own fuzzing in test_tampered; here it is read through its wrappings."""


def read(data: bytes, kind: Kind | None, trust: bytes) -> Evidence | None:
    """What a reader makes of it; the wire takes whatever it says."""
    start = time.process_time()
    try:
        seen = ReadingHere().read(data, trust, NOW, Asked(kind, ADDRESS))
    except (ReadingFailed, Refused):
        return None
    finally:
        assert time.process_time() - start < SECONDS
    assert isinstance(seen, Evidence)
    assert wire.understood(wire.answer(seen)[wire.LENGTH.size :]) == seen
    return seen


@SLOW
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=300))
def test_any_octets_at_any_reader(kind: Kind, data: bytes, world: World) -> None:
    seen = read(data, kind, world.trust)

    assert seen is None or not seen.our_signature


@pytest.fixture(scope="module", name="seeds")
def _seeds(world: World, elmo_world: ElmoWorld) -> dict[Kind, bytes]:
    """One honest thing of each kind, to be damaged."""
    signed = elmo_world.elmo()
    code = coded.OURS + coded.letters(coded.statement(world))
    return {
        Kind.XML: signed,
        Kind.GZIP: gzip.compress(signed, mtime=0),
        Kind.BASE64: base64.b64encode(gzip.compress(signed, mtime=0)),
        Kind.CODE: code.encode(),
        Kind.PNG: coded.picture(code),
        Kind.JPEG: coded.picture(code, kind="JPEG"),
        Kind.JSON: json.dumps({"payload": "e30", "protected": "e30", "signature": "AA"}).encode(),
        Kind.JWS: b"eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.e30.AAAA",
        Kind.PICTURE: b"GIF89a" + bytes(40),
    }


@SLOW
@pytest.mark.parametrize("kind", KINDS)
@given(
    at=st.integers(min_value=0),
    length=st.integers(0, 40),
    put=st.binary(max_size=40),
    cut=st.integers(0, 3),
)
def test_honest_things_with_octets_cut_out_and_put_in(
    kind: Kind, at: int, length: int, put: bytes, cut: int, seeds: dict[Kind, bytes], world: World
) -> None:
    data = seeds[kind]
    at %= len(data)
    changed = data[:at] + put + data[at + length :]

    read(changed[: at + len(put)] if cut == 0 else changed, kind, world.trust)


NAMES = st.sampled_from(
    [
        *("elmo", "report", "learner", "extension", "diplomaSupplement", "Signature", "title"),
        *("SignedInfo", "Reference", "SignatureValue", "KeyInfo", "Object", "Transforms"),
    ]
)
SPACES = st.sampled_from([elmo.DS, "https://github.com/emrex-eu/elmo-schemas/tree/v1", "u:x"])
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="<&"), max_size=8)
ELEMENTS: st.SearchStrategy[str] = st.deferred(
    lambda: st.builds(
        lambda name, space, uri, inside: (
            f'<{name} xmlns="{space}" Algorithm="{elmo.C14N}" URI="{uri}">{inside}</{name}>'
        ),
        NAMES,
        SPACES,
        st.sampled_from(["", "#x"]),
        st.lists(ELEMENTS | TEXT, max_size=4).map("".join),
    )
)


@SLOW
@given(inside=st.lists(ELEMENTS, max_size=5).map("".join))
def test_trees_of_the_names_that_we_know(inside: str, world: World) -> None:
    seen = read(elmo.document(inside), Kind.XML, world.trust)

    assert seen is None or not seen.our_signature


CBOR: st.SearchStrategy[Any] = st.recursive(
    st.integers(-(2**63), 2**63) | st.binary(max_size=70) | st.text(max_size=8) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.integers(-7, 20), inner, max_size=4)
        | st.builds(cbor2.CBORTag, st.sampled_from([17, 18, 61]), inner)
    ),
    max_leaves=20,
)


@SLOW
@given(value=CBOR, cut=st.integers(0, 5))
def test_statements_of_any_shape(value: object, cut: int, world: World) -> None:
    octets = cbor2.dumps(cbor2.CBORTag(18, value))
    text = coded.OURS + coded.letters(octets[: len(octets) - cut])

    seen = read(text.encode(), Kind.CODE, world.trust)

    assert seen is not None
    assert seen.facts is None


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["payload", "protected", "signature", "signatures", "header", "format"])
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@SLOW
@given(value=JSON, header=JSON)
def test_json_of_any_shape(value: object, header: object, world: World) -> None:
    part = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=")
    for data in (json.dumps(value).encode(), part + b".e30." + part):
        read(data, Kind.JSON, world.trust)
        read(data, Kind.JWS, world.trust)


@SLOW
@given(
    entries=st.dictionaries(
        st.sampled_from([b"Width", b"Height", b"BitsPerComponent", b"Colors", b"Predictor"]),
        st.integers(-2, 2**31),
    ),
    packing=st.sampled_from([b"/FlateDecode", b"/DCTDecode", b"[/FlateDecode/DCTDecode]", b""]),
    body=st.binary(max_size=200),
)
def test_pictures_in_pdf_of_any_description(
    entries: dict[bytes, int], packing: bytes, body: bytes, world: World
) -> None:
    told = b"".join(b"/%b %d" % pair for pair in entries.items())
    image = b"<</Subtype/Image%b/Filter%b>>\nstream\n%b\nendstream" % (told, packing, body)
    pages = b"<</Type/Pages/Count 0/Kids[]>>"

    read(hostile.bare({1: hostile.CATALOG, 2: pages, 4: b"<<>>", 5: image}), Kind.PDF, world.trust)


FOUND = sorted(CORPUS.glob("*.bin"))


@pytest.mark.parametrize("case", FOUND, ids=lambda path: path.name)
def test_what_was_once_found_stays_found(case: Path, world: World) -> None:
    """A name begins with the kind of reader that the case once troubled."""
    kind = Kind(case.name.partition("-")[0])
    data = case.read_bytes()

    read(data, kind, world.trust)
    read(data, kind_of(data), world.trust)


def test_there_is_a_corpus() -> None:
    assert FOUND
