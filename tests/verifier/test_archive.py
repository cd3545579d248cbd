"""After the seal only archive data may come, in one form, and none of it twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from credentials.sealing import Level
from tests.verifier.archived import STAMP, WIDGET, Archive, ours
from tests.verifier.attacks import Anatomy, anatomy, update
from tests.verifier.conftest import a_verifier
from tests.verifier.sealed import World
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
