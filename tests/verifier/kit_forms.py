"""Vectors of what is no PDF and no code: ELMO in XML, signed JSON, and wrappings of both."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator

from keys import hierarchy
from tests.attacks import signing
from tests.attacks.wrapping import REFUSED, WRAPPINGS, taken_apart
from tests.verifier.elmo import ElmoWorld
from tests.verifier.sealed import FACTS
from tests.verifier.vectors import ALTERED, CANNOT, GENUINE, NOT_ORIGINAL, NOT_OURS, Vector

NO_NUMBER = "ELMO holds no number of ours, so no status can be asked"
MOVED = ("content_replaced", "second_report", "new_root_around", "fake_signed_properties")
NEVER_READ = ("doctype", "external_entity", "comment_splits_a_name")


def vectors(world: ElmoWorld, stranger: ElmoWorld, page: bytes) -> Iterator[Vector]:
    """All vectors of these forms."""
    elmo = world.elmo()
    yield from _xml(elmo, stranger)
    yield from _signed_json(world, stranger)
    yield from _wrapped(elmo, world.seal(page))


def _xml(elmo: bytes, stranger: ElmoWorld) -> Iterator[Vector]:
    yield Vector("xml", "genuine", elmo, GENUINE, NO_NUMBER, today=GENUINE)
    for name in MOVED:
        data = WRAPPINGS[name](*taken_apart(elmo)).encode()
        yield Vector("xml", f"changed-{name.replace('_', '-')}", data, ALTERED)
    for name in NEVER_READ:
        data = REFUSED[name](*taken_apart(elmo)).encode()
        yield Vector("xml", f"refused-{name.replace('_', '-')}", data, CANNOT)
    yield Vector("xml", "same-names", stranger.elmo(), NOT_OURS, "the same names, other keys")
    bare = re.sub(rb"<Signature .*</Signature>", b"", elmo, flags=re.DOTALL)
    yield Vector("xml", "unsigned", bare, NOT_ORIGINAL)


def _signed_json(world: ElmoWorld, stranger: ElmoWorld) -> Iterator[Vector]:
    signer = hierarchy.open_signer(world.keys, "seal")
    theirs = hierarchy.open_signer(stranger.keys, "seal")
    payload, header = json.dumps(FACTS).encode(), {"alg": "ES256", "kid": signer.key.kid}
    compact = signing.compact(header, payload, signer)
    yield Vector("jws", "genuine", compact, GENUINE)
    other = signing.compact({"alg": "ES256", "kid": theirs.key.kid}, payload, theirs)
    yield Vector("jws", "other-key", other, NOT_OURS)
    unsigned = signing.compact(header | {"alg": "none"}, payload, signer).rpartition(b".")[0]
    yield Vector("jws", "alg-none", unsigned + b".", NOT_OURS)
    own = signing.Stranger()
    yield Vector(
        "jws",
        "key-brought-along",
        signing.compact(header | {"jwk": own.jwk}, payload, own),
        NOT_OURS,
    )
    flat = signing.flattened(header, payload, signer)
    yield Vector("json", "genuine-flattened", json.dumps(flat).encode(), GENUINE)
    twice = json.dumps(flat | {"header": {"kid": signer.key.kid}}).encode()
    yield Vector("json", "header-outside", twice, NOT_OURS, "a header that no signature covers")
    yield Vector("json", "unsigned", payload, NOT_ORIGINAL, "the data of an extract, alone")
    doubled = b'{"format":"echt-extract",' + payload[1:]
    yield Vector("json", "member-twice", doubled, CANNOT)


def _wrapped(elmo: bytes, sealed: bytes) -> Iterator[Vector]:
    packed = gzip.compress(elmo, mtime=0)
    yield Vector("gzip", "genuine-elmo", packed, GENUINE, NO_NUMBER, today=GENUINE)
    yield Vector("gzip", "genuine-pdf", gzip.compress(sealed, mtime=0), GENUINE)
    yield Vector("gzip", "cut", packed[:-9], CANNOT)
    sent, note = base64.b64encode(packed), "as EMREX sends it; " + NO_NUMBER
    yield Vector("base64", "genuine-elmo-in-gzip", sent, GENUINE, note, today=GENUINE)
    yield Vector("base64", "genuine-pdf", base64.encodebytes(sealed), GENUINE)
