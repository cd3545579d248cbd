"""Answers from abroad: believed only from the provider that was asked, once, in time, for us."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from emrex.elmo.writing import NAMESPACE
from emrex.errors import (
    AnswerRefused,
    EmrexError,
    NoSuchFetch,
    NotAForm,
    TooManyFetches,
    WrongState,
)
from emrex.packing import packed, unpacked
from emrex.receiving.answer import MAX_BODY, Code, answer_in, body_of
from emrex.receiving.fetch import LIFE, Expected, Fetch, State
from emrex.receiving.memory import MemoryFetches
from emrex.receiving.receiving import Begun, Receiving
from emrex.registry.reading import Provider
from tests import judges
from tests.credentials.people import extract
from tests.emrex.abroad import Abroad, body, document
from tests.emrex.conftest import NOW, Desk, schemas

ORIGIN = "https://echt.voorbeeld.nl"
OLA = Expected("Ola Nordmann", date(1999, 12, 31))
_TRANSFER = "{https://echt.example/elmo/1}transfer"


@dataclass
class Desktop:
    """A client with a clock that a test moves."""

    now: datetime = NOW
    fetches: MemoryFetches = field(default_factory=MemoryFetches)

    @property
    def receiving(self) -> Receiving:
        return Receiving(self.fetches, ORIGIN, lambda: self.now, schemas())

    def begin(self, provider: Provider) -> Begun:
        return self.receiving.begin(provider, OLA, "en")

    def answered(self, begun: Begun, code: str = "NCP_OK", elmo: str = "", **more: str) -> Fetch:
        """What became of the fetch, as the browser finds it that asked and brought the answer."""
        told = answer_in(body(begun.session_id, code, elmo, **more))
        after, bringer = self.receiving.receive(told)
        found = self.receiving.find(after.fid, begun.browser, bringer)
        assert found == after
        return found


@pytest.fixture(name="client")
def _client() -> Desktop:
    return Desktop()


@pytest.fixture(name="north", scope="module")
def _north(desk: Desk) -> Abroad:
    return Abroad(desk.signer)


@pytest.fixture(name="south", scope="module")
def _south(desk: Desk) -> Abroad:
    return Abroad(desk.stranger, "University of the South")


def refused(client: Desktop, begun: Begun, elmo: str) -> str:
    """Why a document is refused; nothing of it is held."""
    found = client.answered(begun, elmo=elmo)
    assert found.state is State.REFUSED
    assert found.received is None
    return found.why


def test_results_of_the_provider_that_was_asked_arrive(client: Desktop, north: Abroad) -> None:
    found = client.answered(client.begin(north.provider), elmo=north.elmo(NOW))

    assert found.state is State.ARRIVED
    assert found.received is not None
    assert found.received.learner.name == "Ola Nordmann"
    assert [one.mark for one in found.received.reports[0].results[0].parts] == ["5", "4"]


def test_the_signature_of_another_provider_is_refused(
    client: Desktop, north: Abroad, south: Abroad
) -> None:
    """emrex.md 4.69 and 4.57: good in the registry is not good for this fetch."""
    begun = client.begin(north.provider)

    assert refused(client, begun, south.elmo(NOW)) == "signer-not-in-registry"


def changed(north: Abroad) -> str:
    return packed(unpacked(north.elmo(NOW)).replace(b"Nordmann", b"Bordmann"))


def commented(north: Abroad) -> str:
    return packed(unpacked(north.elmo(NOW)).replace(b"Nordmann", b"Nord<!-- -->mann"))


def unsigned(_north: Abroad) -> str:
    return packed(etree.tostring(document(NOW)))


def twice_signed(north: Abroad) -> str:
    once = etree.fromstring(unpacked(north.elmo(NOW)))
    return north.signed(once)


def for_another(north: Abroad) -> str:
    root = document(NOW)
    extension = etree.SubElement(root, f"{{{NAMESPACE}}}extension")
    etree.SubElement(extension, _TRANSFER).set("receiver", "https://other.example")
    return north.signed(root)


def old(north: Abroad) -> str:
    return north.elmo(NOW - timedelta(minutes=11))


def early(north: Abroad) -> str:
    return north.elmo(NOW + timedelta(minutes=11))


def undated(north: Abroad) -> str:
    root = document(NOW)
    root[0].text = "yesterday"
    return north.signed(root)


def a_bomb(_north: Abroad) -> str:
    return packed(b" " * 40_000_000)


def nested(north: Abroad) -> str:
    return packed(gzip.compress(unpacked(north.elmo(NOW))))


def trailing(_north: Abroad) -> str:
    return b64encode(gzip.compress(b"<elmo/>") + b"more").decode()


UNBELIEVED: dict[Callable[[Abroad], str], set[str]] = {
    changed: {"changed"},
    commented: {"comment"},
    unsigned: {"no-signature"},
    twice_signed: {"two-signatures"},
    for_another: {"other-receiver"},
    old: {"not-fresh"},
    early: {"not-fresh"},
    undated: {"undated"},
    a_bomb: {"bomb", "too-large"},
    nested: {"encoding", "malformed", "not-elmo"},
    trailing: {"trailing-bytes"},
    lambda _: "": {"cut-short"},
    lambda _: "%%%": {"not-base64"},
    lambda _: "<elmo/>": {"not-base64"},
}


@pytest.mark.parametrize("make", UNBELIEVED)
def test_what_is_not_believed_is_not_held(
    client: Desktop, north: Abroad, make: Callable[[Abroad], str]
) -> None:
    """emrex.md 4.64, 4.65, 4.67 and 3.7: each with its reason."""
    begun = client.begin(north.provider)
    value = make(north)

    assert refused(client, begun, value) in UNBELIEVED[make]


def test_a_document_given_to_us_is_for_us(client: Desktop, desk: Desk) -> None:
    """emrex.md 3.7: our own provider names its receiver, and that is who we are."""
    provider = Abroad(desk.signer).provider
    ours = packed(desk.document([extract("hbo").record], receiver=ORIGIN))
    theirs = packed(desk.document([extract("hbo").record], receiver="https://emc.example"))

    assert refused(client, client.begin(provider), theirs) == "other-receiver"
    assert client.answered(client.begin(provider), elmo=ours).state is State.ARRIVED


def test_a_document_given_to_this_fetch_is_for_this_fetch(client: Desktop, desk: Desk) -> None:
    """emrex.md 3.7: for us, and for another of our sessions: somebody else's document."""
    provider, records = Abroad(desk.signer).provider, [extract("hbo").record]

    def given_to(begun: Begun) -> str:
        transaction = hashlib.sha256(begun.session_id.encode()).hexdigest()
        return packed(desk.document(records, receiver=ORIGIN, transaction=transaction))

    victim, thief = client.begin(provider), client.begin(provider)
    assert refused(client, thief, given_to(victim)) == "other-transaction"
    assert client.answered(victim, elmo=given_to(victim)).state is State.ARRIVED


def test_a_document_comes_once(client: Desktop, north: Abroad) -> None:
    """emrex.md 3.7: remembered by its content, however it is packed or written."""
    value = north.elmo(NOW)
    again = packed(unpacked(value).replace(b"'", b'"', 2) + b"\n")
    assert again != value
    client.answered(client.begin(north.provider), elmo=value)

    assert refused(client, client.begin(north.provider), again) == "seen-before"


@pytest.mark.parametrize("prefix", ["NCP_", "EMP_"])
@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("NO_RESULTS", State.NO_RESULTS),
        ("CANCEL", State.CANCELLED),
        ("ERROR", State.FAILED),
    ],
)
def test_both_sets_of_codes_are_understood(
    client: Desktop, north: Abroad, prefix: str, code: str, state: State
) -> None:
    """emrex.md 4.70; a document beside such a code is not looked at."""
    begun = client.begin(north.provider)

    found = client.answered(begun, prefix + code, north.elmo(NOW), message="Sorry\u202e!\x00")

    assert (found.state, found.received, found.message) == (state, None, "Sorry!")


@pytest.mark.parametrize("code", ["", "OK", "NCP_", "ncp_ok", "NCP_OK ", "EMP_WHATEVER"])
def test_another_code_is_an_end_of_its_own(client: Desktop, north: Abroad, code: str) -> None:
    """emrex.md 4.71."""
    found = client.answered(client.begin(north.provider), code, north.elmo(NOW))

    assert (found.state, found.received) == (State.UNKNOWN, None)


def test_a_session_is_good_once_and_for_a_quarter_of_an_hour(
    client: Desktop, north: Abroad
) -> None:
    """emrex.md 4.68: unknown, used, expired."""
    used, late = client.begin(north.provider), client.begin(north.provider)
    client.answered(used, "NCP_CANCEL")
    for session in ("", "x" * 256, used.session_id, used.fetch.fid, "never"):
        with pytest.raises(AnswerRefused):
            client.receiving.receive(answer_in(body(session)))
    client.now += LIFE + timedelta(seconds=1)
    with pytest.raises(AnswerRefused):
        client.receiving.receive(answer_in(body(late.session_id)))


def test_what_came_is_gone_after_a_quarter_of_an_hour(client: Desktop, north: Abroad) -> None:
    begun = client.begin(north.provider)
    after, bringer = client.receiving.receive(
        answer_in(body(begun.session_id, elmo=north.elmo(NOW)))
    )
    client.now += LIFE + timedelta(seconds=1)

    with pytest.raises(NoSuchFetch):
        client.receiving.find(after.fid, begun.browser, bringer)
    assert client.fetches.find(after.fid, "", "") is None
    assert "Nordmann" not in repr(vars(client.fetches))


def test_neither_browser_alone_sees_anything(client: Desktop, north: Abroad) -> None:
    """emrex.md 3.7: who sent somebody else with a session of their own gets nothing of them."""
    thief, other = client.begin(north.provider), client.begin(north.provider)
    after, victim = client.receiving.receive(
        answer_in(body(thief.session_id, elmo=north.elmo(NOW)))
    )

    for asked, brought in ((thief.browser, ""), ("", victim), (other.browser, victim)):
        with pytest.raises(NoSuchFetch):
            client.receiving.find(after.fid, asked, brought)


def test_a_no_deletes_and_neither_answer_is_taken_back(client: Desktop, north: Abroad) -> None:
    """emrex.md 4.78."""
    found = client.answered(client.begin(north.provider), elmo=north.elmo(NOW))
    after = client.receiving.decide(found, is_the_person=False)

    assert (after.state, after.received) == (State.DECLINED, None)
    with pytest.raises(WrongState):
        client.receiving.decide(after, is_the_person=True)
    with pytest.raises(WrongState):
        client.receiving.decide(found, is_the_person=True)


def test_there_is_room_for_so_many_and_no_more(north: Abroad) -> None:
    client = Desktop(fetches=MemoryFetches(most=2))
    client.begin(north.provider)
    client.begin(north.provider)

    with pytest.raises(TooManyFetches):
        client.begin(north.provider)
    client.now += LIFE + timedelta(seconds=1)
    assert client.begin(north.provider).fetch.state is State.WAITING


SIGNED = ("dk-2016-default-prefix.gz.b64", "dk-2016-ns-prefixed-1.gz.b64")


def danish() -> Provider:
    folder = judges.standards() / "elmo" / "samples" / "signed"
    loaded = x509.load_pem_x509_certificate((folder / "dk-2016-cert.pem").read_bytes())
    return Provider("DK", "DK", "https://dk.example", (), (loaded.public_bytes(Encoding.DER),))


def sample(name: str) -> str:
    return (judges.standards() / "elmo" / "samples" / "signed" / name).read_text("ascii")


@pytest.mark.judge
@pytest.mark.parametrize("name", SIGNED)
def test_official_signed_samples_arrive_on_their_day_in_an_old_way(name: str) -> None:
    """emrex.md 4.62: schema-invalid, SHA-1, and genuine."""
    root = etree.fromstring(unpacked(sample(name)))
    made = datetime.fromisoformat(root.findtext(f"{{{NAMESPACE}}}generatedDate", ""))
    client = Desktop(now=made if made.tzinfo else made.replace(tzinfo=UTC))

    found = client.answered(client.begin(danish()), elmo=sample(name))

    assert (found.state, found.why) == (State.ARRIVED, "")
    assert found.received is not None
    assert found.received.reason == "sha1"
    assert "schema-missing" in {one.rule for one in found.received.findings}
    assert found.received.learner.name
    assert found.received.reports[0].results


@pytest.mark.judge
@pytest.mark.parametrize(
    "name", ["dk-2016-BROKEN-signature.gz.b64", "no-2022-BROKEN-reformatted-after-signing.b64"]
)
def test_broken_samples_are_refused_with_a_reason(client: Desktop, name: str) -> None:
    """emrex.md 4.63."""
    assert refused(client, client.begin(danish()), sample(name)) in {"encoding", "not-gzip"}


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"returnCode=NCP_OK",
        b"sessionId=a&sessionId=b",
        b"sessionId=",
        b"sessionId=\xff",
        b"&".join([b"a=b"] * 21) + b"&sessionId=x",
    ],
)
def test_a_form_that_belongs_to_no_session_is_refused(told: bytes) -> None:
    """emrex.md 4.3, on our side."""
    with pytest.raises(AnswerRefused):
        answer_in(told)


def test_a_doubled_field_is_believed_in_neither_form(client: Desktop, north: Abroad) -> None:
    begun = client.begin(north.provider)
    told = body(begun.session_id, elmo=north.elmo(NOW)) + b"&returnCode=NCP_CANCEL"

    after, _ = client.receiving.receive(answer_in(told))

    assert (after.state, after.why, after.received) == (State.REFUSED, "fields", None)


@settings(max_examples=300)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes_are_an_answer_or_refused(told: bytes) -> None:
    try:
        answer = answer_in(told)
    except AnswerRefused:
        return
    assert answer.session_id
    assert answer.code in Code


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("application/x-www-form-urlencoded; charset=utf-8", AnswerRefused),
        ("multipart/form-data; boundary=x", NotAForm),
        ("application/json", NotAForm),
        ("", NotAForm),
    ],
)
def test_a_body_has_a_limit_and_a_kind(kind: str, error: type[EmrexError]) -> None:
    """emrex.md 3.5.1: counted while it comes in."""

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 1_000_000 + 2):
            yield b"x" * 1_000_000

    with pytest.raises(error):
        asyncio.run(body_of(kind, parts()))
