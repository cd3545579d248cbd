"""After the seal only archive data may come, in one form, and none of it twice."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

import pytest
from asn1crypto import cms, core, parser

from credentials.sealing import Level
from tests.attacks.updates import Anatomy, anatomy, update
from tests.verifier import archived as hand
from tests.verifier.archived import STAMP, WIDGET, Archive, ours
from tests.verifier.conftest import a_verifier
from tests.verifier.sealed import World
from verifier.pdf.cms import read as seal_of
from verifier.pdf.container import TIME_STAMP_TOKEN
from verifier.verdict import Verdict, VerdictCode

NAMED = b"<</Length 1/F(elsewhere)>>\nstream\nx\nendstream"
Change = Callable[[World, Anatomy], Archive]


@pytest.fixture(scope="module", name="genuine")
def _genuine(sealed: bytes) -> Anatomy:
    return anatomy(sealed)


@pytest.fixture(scope="module", name="archived")
def _archived(world: World, page: bytes) -> Anatomy:
    return anatomy(world.seal(page, Level.B_LTA))


def verdict_on(world: World, data: bytes) -> Verdict:
    return a_verifier(world).verify(data)


CHANGES: dict[str, tuple[Change, str]] = {
    "the metadata": (
        lambda world, genuine: ours(world, extra={genuine.info: b"<</Title(x)>>"}),
        "sealed_object_changed",
    ),
    "an object of its own": (
        lambda world, genuine: ours(world, extra={genuine.next_number + 90: b"<</Title(x)>>"}),
        "object_not_archival",
    ),
    "a widget that shows itself": (
        lambda world, _: ours(world, widget=WIDGET.replace(b"[0 0 0 0]", b"[0 0 300 90]")),
        "archive_field",
    ),
    "a widget that acts": (
        lambda world, _: ours(world, widget=WIDGET + b"/AA<</Fo<</S/JavaScript/JS(1)>>>>"),
        "archive_field",
    ),
    "a widget with a picture": (
        lambda world, genuine: ours(world, widget=WIDGET + b"/AP<</N %d 0 R>>" % genuine.page),
        "archive_field",
    ),
    "a field of another name": (lambda world, _: ours(world, name=b"Seal"), "archive_field"),
    "a field out of its turn": (
        lambda world, _: ours(world, name=b"ArchiveTimestamp2"),
        "archive_field",
    ),
    "a time-stamp of another kind": (
        lambda world, _: ours(world, stamp=STAMP.replace(b"ETSI.RFC3161", b"adbe.x509.rsa_sha1")),
        "archive_field",
    ),
    "a time-stamp with a reason": (
        lambda world, _: ours(world, stamp=STAMP + b"/Reason(approved)"),
        "archive_field",
    ),
    "a signature in its place": (
        lambda world, _: ours(world, stamp=STAMP.replace(b"/DocTimeStamp", b"/Sig")),
        "not_one_signature",
    ),
    "a stream with a name": (
        lambda world, _: ours(world, stream=lambda _: NAMED),
        "archive_data",
    ),
    "a stream that is none": (
        lambda world, _: ours(world, stream=lambda _: b"<</Length 0>>"),
        "archive_data",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_else_may_ride_along(what: str, genuine: Anatomy, world: World) -> None:
    """pdf.md 3.7.2: an update that is right in all but one thing, under our own time-stamp."""
    change, reason = CHANGES[what]

    verdict = verdict_on(world, change(world, genuine).onto(genuine))

    assert verdict.code is VerdictCode.ALTERED
    assert reason in verdict.reasons
    assert verdict_on(world, ours(world).onto(genuine)).code is VerdictCode.GENUINE_STATUS_UNKNOWN


def _number(archived: Anatomy, key: bytes) -> int:
    """Object number of the newest dictionary that has that entry in it."""
    newest = archived.file.revisions[-1].objects
    found = [number for number in newest if key in archived.source(number)]
    return found[-1]


REWRITTEN: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "the time-stamp itself": (b"/DocTimeStamp", lambda old: old[:-2] + b"/M(D:2026)>>"),
    "its widget": (b"(ArchiveTimestamp1)", lambda old: old.replace(b"F 132", b"F 4")),
    "data taken away": (b"/Type/DSS", lambda _: b"<</Type/DSS/Certs[]/OCSPs[]/CRLs[]>>"),
    "data of another kind": (b"/Type/DSS", lambda old: old.replace(b"/Certs", b"/VRI 9 0 R/Certs")),
}


@pytest.mark.parametrize("what", REWRITTEN)
def test_an_earlier_update_may_not_be_written_again(
    what: str, archived: Anatomy, world: World
) -> None:
    """What stands under an archive time-stamp is as fixed as what stands under the seal."""
    key, change = REWRITTEN[what]
    number = _number(archived, key)

    verdict = verdict_on(world, update(archived, {number: change(archived.source(number))}))

    assert verdict.code is VerdictCode.ALTERED


def test_a_store_that_is_left_out_is_missed(archived: Anatomy, world: World) -> None:
    """A later update that forgets the validation data would end what it was meant to keep."""
    catalog = archived.source(archived.root)
    start, end = catalog.index(b"/DSS"), catalog.rindex(b">>")

    verdict = verdict_on(world, update(archived, {archived.root: catalog[:start] + catalog[end:]}))

    assert verdict.code is VerdictCode.ALTERED
    assert "archive_data" in verdict.reasons


FRAME: dict[str, tuple[bytes, bytes]] = {
    "a third identifier": (rb"(/ID\[.*?)\]", rb"\1(hidden)]"),
    "a second identifier without end": (rb"(/ID\[.*)<.*?>", rb"\1<" + b"41" * 5000 + b">"),
    "a second identifier that acts": (rb"(/ID\[.*)<.*?>", rb"\1<</S/JavaScript/JS(1)>>"),
    "a size of one's own": (rb"/Size \d+", b"/Size 99999"),
    "a size that is no whole number": (rb"/Size (\d+)", rb"/Size \1.0"),
    "one key more": (rb"/Prev", b"/XHidden(text)/Prev"),
    "a comment": (rb"/Prev", b"%hidden\n/Prev"),
    "white space": (rb"/Prev", b" " * 5000 + b"/Prev"),
    "zeros": (rb"/Prev ", b"/Prev " + b"0" * 500),
    "a string that is broken off": (rb"<([^<>]*)>\]", rb"(" + b"\\\\\n" * 5000 + rb")]"),
}
"""What is put into the trailer of an update: a pattern, and what comes in its place."""


@pytest.mark.parametrize("what", FRAME)
def test_the_frame_of_an_update_has_no_room(what: str, genuine: Anatomy, world: World) -> None:
    """What no signature covers has one form: the trailer, which moves no offset."""
    plain = ours(world, token=None).onto(genuine)
    start = plain.rindex(b"trailer")
    pattern, put = FRAME[what]
    changed = re.sub(pattern, put, plain[start:], count=1)
    assert changed != plain[start:]

    assert verdict_on(world, plain).code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verdict_on(world, plain[:start] + changed).code is VerdictCode.ALTERED


SPELLED: dict[str, tuple[bytes, bytes]] = {
    "a store of another type": (rb"/Type/DSS", b"/Type(hidden)"),
    "a store that acts": (rb"/Type/DSS", b"/Type<</S/JavaScript/JS(1)>>"),
    "a store without a type": (rb"/Type/DSS", b""),
    "an item twice": (rb"/Certs\[(\d+ 0 R)", rb"/Certs[\1 \1"),
    "a comment in the store": (rb"/Type/DSS", b"%hidden\n/Type/DSS"),
    "a comment in the catalog": (rb"/Type/Catalog", b"%hidden\n/Type/Catalog"),
    "a key that says nothing": (rb"/Type/Catalog", b"/Type/Catalog/OpenAction null"),
    "a number of another kind": (rb"/SigFlags 3", b"/SigFlags 3.0"),
    "a truth that is a number": (rb"/DisplayDocTitle true", b"/DisplayDocTitle 1"),
    "a widget's own numbers": (rb"/F 132/Rect\[0 0 0 0\]", b"/F 132.0/Rect[false 0.0 -0 false]"),
}
"""Other spellings of what an update writes: a pattern, and what comes in its place."""


@pytest.mark.parametrize("what", SPELLED)
def test_an_update_is_spelled_in_one_way(
    what: str, genuine: Anatomy, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal for a reader that compares values is not enough: no two types, no empty words."""
    pattern, put = SPELLED[what]
    changed: list[int] = []

    def spelled(before: Anatomy, objects: dict[int, bytes]) -> bytes:
        after = {number: re.sub(pattern, put, body) for number, body in objects.items()}
        changed.extend(number for number in objects if after[number] != objects[number])
        return update(before, after)

    monkeypatch.setattr(hand, "update", spelled)

    assert verdict_on(world, ours(world).onto(genuine)).code is VerdictCode.ALTERED
    assert len(changed) == 1


def test_packing_brings_nothing_of_its_own(genuine: Anatomy, world: World) -> None:
    """Blocks of no bytes (RFC 1951, 3.2.4) unpack to nothing, however many there are."""

    def padded(content: bytes) -> bytes:
        running = zlib.compressobj(9)
        empty = b"".join(running.flush(zlib.Z_FULL_FLUSH) for _ in range(1))
        data = empty[:2] + empty[2:] * 900 + running.compress(content) + running.flush()
        return b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(data), data)

    verdict = verdict_on(world, ours(world, stream=padded).onto(genuine))

    assert not verdict.code.shows_facts


def _in_the_token(token: bytes) -> bytes:
    info = cms.ContentInfo.load(token)
    hidden = cms.CMSAttribute({"type": "1.2.3.4", "values": [core.OctetString(b"hidden")]})
    info["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([hidden])
    return bytes(info.dump(force=True))


def _with(value: bytes, old: bytes, new: bytes) -> bytes:
    """The same DER value with one value inside replaced; the lengths around it are right again."""
    if value == old:
        return new
    kind, method, tag, _, content, _ = parser.parse(value)
    parts, at = [], 0
    while at < len(content):
        end = at + parser.peek(content[at:])
        part = content[at:end]
        parts.append(_with(part, old, new) if old in part else part)
        at = end
    made: bytes = parser.emit(kind, method, tag, b"".join(parts))
    return made


def _other_parameters(token: bytes) -> bytes:
    info = cms.ContentInfo.load(token)
    named = {"algorithm": "sha256", "parameters": core.Null()}
    info["content"]["signer_infos"][0]["digest_algorithm"] = named
    return bytes(info.dump(force=True))


@pytest.mark.parametrize("change", [_in_the_token, _other_parameters])
def test_a_time_stamp_has_no_room_for_others(
    change: Callable[[bytes], bytes], genuine: Anatomy, world: World
) -> None:
    """Nothing signs the unsigned attributes and the algorithm names of a token."""
    stamp = world.timestamper().stamp

    verdict = verdict_on(world, ours(world, token=lambda of: change(stamp(of))).onto(genuine))

    assert not verdict.code.shows_facts


def test_a_stamp_inside_a_seal_has_no_room_for_others(genuine: Anatomy, world: World) -> None:
    """The digits of a seal lie outside its byte range, so anybody can write them anew."""
    place = genuine.contents
    seal = seal_of(place.value)
    assert seal.signer.unsigned is not None
    token = seal.signer.unsigned.single(TIME_STAMP_TOKEN).whole
    forged = _with(seal.encoded, token, _in_the_token(token))
    digits = forged.ljust(len(place.value), b"\0").hex().encode()
    data = genuine.data[: place.start + 1] + digits + genuine.data[place.end - 1 :]

    assert len(data) == len(genuine.data)
    assert data != genuine.data
    assert not verdict_on(world, data).code.shows_facts
