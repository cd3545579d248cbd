"""The promise under test: one good token from somebody on our list, in time, or an honest no."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from asn1crypto import cms, tsp

from keys import hierarchy, timestamp_request
from keys.authorities import SPARE, RemoteAuthorities, RemoteAuthority
from keys.breaker import COOL_DOWN, FAILURES
from keys.errors import TimestampUnavailable
from keys.posting import MAX_ANSWER, TimestampPost
from keys.timestamps import TEST_POLICY, EmbeddedAuthority
from tests.keys.conftest import NOW
from tests.keys.loopback import Behaviour, answering, http, serving
from tests.keys.test_breaker import Seconds

DIGEST = hashlib.sha256(b"a signature value").digest()
Respond = Callable[[bytes], bytes]


def authority(made: Path, *, at: datetime = NOW, purpose: str = "tsa") -> EmbeddedAuthority:
    return EmbeddedAuthority(hierarchy.open_signer(made, purpose), clock=lambda: at)


def remote(url: str, certificates: tuple[bytes, ...]) -> RemoteAuthority:
    return RemoteAuthority(url, certificates, TEST_POLICY)


@pytest.fixture(name="serve")
def _serve() -> Iterator[Callable[[Behaviour], str]]:
    with ExitStack() as stack:
        yield lambda behave: stack.enter_context(serving(behave))


def client(*authorities: RemoteAuthority, **changes: Any) -> RemoteAuthorities:
    fields: dict[str, Any] = {"clock": lambda: NOW, "deadline": 5.0}
    return RemoteAuthorities(authorities, TimestampPost(), **(fields | changes))


def asked_otherwise(**changes: Any) -> Callable[[bytes], bytes]:
    """The same request with other fields: what a confused or replaying authority answers."""

    def change(request: bytes) -> bytes:
        fields = tsp.TimeStampReq.load(request).native | changes
        return bytes(tsp.TimeStampReq(fields).dump())

    return change


OTHER_IMPRINT = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}


def hostile(made: Path) -> dict[str, tuple[Respond, str]]:
    """Answers that look like time-stamps, and the word by which each is refused."""
    good, late = authority(made), NOW + timedelta(days=4 * 366)
    other_policy = EmbeddedAuthority(
        hierarchy.open_signer(made, "tsa"), clock=lambda: NOW, policy="1.2.3.4"
    )
    return {
        "wrong nonce": (lambda q: good.respond(asked_otherwise(nonce=7)(q)), "another request"),
        "no nonce": (lambda q: good.respond(asked_otherwise(nonce=None)(q)), "another request"),
        "wrong imprint": (
            lambda q: good.respond(asked_otherwise(message_imprint=OTHER_IMPRINT)(q)),
            "something else",
        ),
        "other policy": (other_policy.respond, "another policy"),
        "clock ahead": (authority(made, at=NOW + timedelta(minutes=2)).respond, "clock"),
        "clock behind": (authority(made, at=NOW - timedelta(minutes=2)).respond, "clock"),
        "expired long ago": (authority(made, at=late).respond, "clock"),
        "wrong usage": (authority(made, purpose="seal").respond, "not for time-stamps only"),
        "rejection": (lambda q: good.respond(q[:-1]), "rejection"),
        "bare token": (lambda _: good.stamp(DIGEST), "not a time-stamp response"),
        "granted, no token": (lambda _: bytes.fromhex("30053003020100"), "gives none"),
        "nothing": (lambda _: b"", "not a time-stamp response"),
        "garbage": (lambda _: b"<html>Sign in to the wireless network</html>", "not a time-stamp"),
        "trailing byte": (lambda q: good.respond(q) + b"\x00", "not a time-stamp response"),
        "cut off": (lambda q: good.respond(q)[:-9], "not a time-stamp response"),
    }


NAMES = [
    "wrong nonce", "no nonce", "wrong imprint", "other policy", "clock ahead", "clock behind",
    "expired long ago", "wrong usage", "rejection", "bare token", "granted, no token", "nothing",
    "garbage", "trailing byte", "cut off",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_answer_is_refused_with_its_reason(
    made: Path, serve: Callable[[Behaviour], str], name: str
) -> None:
    """pdf.md 3.5: any miss refuses."""
    respond, reason = hostile(made)[name]
    listed = (
        *authority(made).certificates,
        hierarchy.open_signer(made, "seal").chain[0],
    )
    url = serve(answering(respond))

    with pytest.raises(TimestampUnavailable, match=reason) as caught:
        client(remote(url, listed)).stamp(DIGEST)
    assert urlsplit(url).netloc in caught.value.reason


def test_every_hostile_answer_has_its_test(made: Path) -> None:
    assert list(hostile(made)) == NAMES


def test_an_expired_certificate_is_refused(made: Path, serve: Callable[[Behaviour], str]) -> None:
    late = NOW + timedelta(days=4 * 366)
    aged = authority(made, at=late)
    url = serve(answering(aged.respond))

    with pytest.raises(TimestampUnavailable, match="not valid then"):
        client(remote(url, aged.certificates), clock=lambda: late).stamp(DIGEST)


def test_an_authority_that_is_not_on_our_list_is_refused(
    made: Path, serve: Callable[[Behaviour], str]
) -> None:
    url = serve(answering(authority(made).respond))
    listed = hierarchy.open_signer(made, "seal").chain

    with pytest.raises(TimestampUnavailable, match="not on our list"):
        client(remote(url, listed)).stamp(DIGEST)


def slow(*_: object) -> None:
    time.sleep(2)


def drip(connection: Any, _: bytes) -> None:
    with suppress(OSError):
        for byte in http(bytes(1000)):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)


SICK: dict[str, Behaviour] = {
    "status 500": lambda connection, _: connection.sendall(http(b"", "500 Sorry")),
    "redirect": lambda connection, _: connection.sendall(
        http(b"", "302 Found", "Location: http://127.0.0.1:9/")
    ),
    "closed": lambda _connection, _: None,
    "huge": lambda connection, _: connection.sendall(http(bytes(MAX_ANSWER + 1))),
    "drip": drip,
    "silent": slow,
}


@pytest.mark.parametrize("name", SICK)
def test_when_the_first_is_sick_the_second_stamps(
    made: Path, serve: Callable[[Behaviour], str], name: str
) -> None:
    """platform.md 3.5 of the port: a second authority behind the first, within one deadline."""
    good = authority(made)
    first = remote(serve(SICK[name]), good.certificates)
    second = remote(serve(answering(good.respond)), good.certificates)

    token = client(first, second, deadline=4.0 if name in {"drip", "silent"} else 60.0)

    assert timestamp_of(token.stamp(DIGEST)) == NOW.replace(microsecond=0)


def timestamp_of(token: bytes) -> datetime:
    content = tsp.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
    found: datetime = content["gen_time"].native
    return found


def test_when_all_are_sick_each_is_named_with_its_reason(
    made: Path, serve: Callable[[Behaviour], str]
) -> None:
    listed = authority(made).certificates
    urls = [serve(SICK["status 500"]), serve(SICK["closed"])]

    with pytest.raises(TimestampUnavailable) as caught:
        client(*(remote(url, listed) for url in urls)).stamp(DIGEST)

    assert all(urlsplit(url).netloc in caught.value.reason for url in urls)


def test_the_deadline_is_for_all_together(made: Path, serve: Callable[[Behaviour], str]) -> None:
    listed = authority(made).certificates
    slow_ones = [remote(serve(drip), listed) for _ in range(3)]
    begun = time.monotonic()

    with pytest.raises(TimestampUnavailable):
        client(*slow_ones, deadline=0.6).stamp(DIGEST)

    assert time.monotonic() - begun < 30  # each server drips for 50 seconds and more


class Counted:
    """A `Post` in memory that counts, and fails while it is told to."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.broken: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, url: str, body: bytes, *, seconds: float) -> bytes:
        assert seconds > 0
        self.asked.append(url)
        if url in self.broken:
            raise TimestampUnavailable("out of order")
        return self.respond(body)


@pytest.fixture(name="counted")
def _counted(made: Path) -> Counted:
    return Counted(authority(made).respond)


@pytest.fixture(name="two")
def _two(made: Path, counted: Counted) -> tuple[RemoteAuthorities, Seconds]:
    seconds, listed = Seconds(), authority(made).certificates
    both = [remote(url, listed) for url in ("first", "second")]
    return RemoteAuthorities(both, counted, clock=lambda: NOW, monotonic=seconds), seconds


def test_the_first_is_asked_while_it_works(
    two: tuple[RemoteAuthorities, Seconds], counted: Counted
) -> None:
    for _ in range(3):
        two[0].stamp(DIGEST)

    assert counted.asked == ["first"] * 3


def test_one_that_keeps_failing_is_left_alone_and_tried_again_later(
    two: tuple[RemoteAuthorities, Seconds], counted: Counted
) -> None:
    authorities, seconds = two
    counted.broken = {"first"}
    for _ in range(FAILURES + 2):
        authorities.stamp(DIGEST)
    assert counted.asked == ["first", "second"] * FAILURES + ["second"] * 2

    counted.broken, counted.asked = set(), []
    seconds.now += COOL_DOWN
    for _ in range(2):
        authorities.stamp(DIGEST)
    assert counted.asked == ["first", "first"]


def test_a_failure_is_reported_also_when_the_second_helped_out(
    made: Path, counted: Counted
) -> None:
    told: list[tuple[str, str]] = []
    listed = authority(made).certificates
    both = [remote(f"https://{name}/tsa?code=secret", listed) for name in ("one", "two")]
    counted.broken = {both[0].url}
    asking = RemoteAuthorities(
        both, counted, clock=lambda: NOW, report=lambda *one: told.append(one)
    )

    asking.stamp(DIGEST)

    assert told == [("one", "out of order")]


def test_bad_tokens_count_as_failures(made: Path, counted: Counted) -> None:
    wrong = remote("only", authority(made).certificates)
    counted.respond = lambda _: b"garbage"
    asking = RemoteAuthorities([wrong], counted, clock=lambda: NOW, monotonic=Seconds())
    for _ in range(FAILURES + 1):
        with pytest.raises(TimestampUnavailable):
            asking.stamp(DIGEST)

    assert len(counted.asked) == FAILURES


def test_when_all_rest_nobody_is_asked_and_the_answer_comes_at_once(
    two: tuple[RemoteAuthorities, Seconds], counted: Counted
) -> None:
    counted.broken = {"first", "second"}
    for _ in range(FAILURES):
        with pytest.raises(TimestampUnavailable):
            two[0].stamp(DIGEST)
    counted.asked = []

    with pytest.raises(TimestampUnavailable, match="not asked"):
        two[0].stamp(DIGEST)

    assert counted.asked == []


def test_time_that_the_first_used_up_is_gone_for_the_second(made: Path, counted: Counted) -> None:
    seconds, given = Seconds(), []

    def post(url: str, body: bytes, *, seconds_: Seconds = seconds, **kept: float) -> bytes:
        given.append(kept["seconds"])
        seconds_.now += kept["seconds"]
        return counted(url, body, seconds=kept["seconds"])

    counted.broken = {"first", "second"}
    both = [remote(url, authority(made).certificates) for url in ("first", "second")]
    with pytest.raises(TimestampUnavailable):
        RemoteAuthorities(both, post, clock=lambda: NOW, monotonic=seconds, deadline=8.0).stamp(
            DIGEST
        )

    assert given == [4.0, 4.0]


def test_every_request_has_its_own_nonce(made: Path, counted: Counted) -> None:
    nonces = []
    good = authority(made)

    def respond(request: bytes) -> bytes:
        nonces.append(tsp.TimeStampReq.load(request)["nonce"].native)
        return good.respond(request)

    counted.respond = respond
    asking = RemoteAuthorities([remote("only", good.certificates)], counted, clock=lambda: NOW)
    for _ in range(8):
        asking.stamp(DIGEST)

    assert len(set(nonces)) == 8
    assert max(nonces) > 2**48


def test_a_trial_measures_the_room(two: tuple[RemoteAuthorities, Seconds]) -> None:
    """pdf.md 3.3: largest token seen + 2 KB, checked by a trial token at start."""
    guessed = two[0].room

    assert two[0].trial() == ()

    size = len(two[0].stamp(DIGEST))
    assert abs(two[0].room - (size + SPARE)) <= 8  # an ECDSA value varies by a few bytes
    assert guessed >= two[0].room - 64


def test_a_trial_tells_who_does_not_work(
    two: tuple[RemoteAuthorities, Seconds], counted: Counted
) -> None:
    counted.broken = {"second"}
    assert two[0].trial() == ("second: out of order",)

    counted.broken = {"first", "second"}
    with pytest.raises(TimestampUnavailable, match="first: out of order; second"):
        two[0].trial()


def test_a_token_for_which_nobody_kept_room_is_refused_once(made: Path, counted: Counted) -> None:
    """An overflow after the key was used would be an incident (pdf.md 3.3)."""
    good = authority(made)
    purposes = ("seal", "seal-rsa", "seal-p384", "facts", "trust")
    luggage = tuple(hierarchy.open_signer(made, one).chain[0] for one in purposes)
    listed = (*good.certificates, *luggage)
    asking = RemoteAuthorities([remote("only", listed)], counted, clock=lambda: NOW)
    asking.trial()
    before = asking.room

    counted.respond = lambda request: with_luggage(good.respond(request), luggage)
    with pytest.raises(TimestampUnavailable, match="larger than the room"):
        asking.stamp(DIGEST)

    assert asking.room > before
    assert before < len(asking.stamp(DIGEST)) < asking.room


def with_luggage(response: bytes, luggage: Sequence[bytes]) -> bytes:
    """The same token with more of the certificates that we know: nothing says how many come."""
    answer = tsp.TimeStampResp.load(response)
    certificates = answer["time_stamp_token"]["content"]["certificates"]
    for one in luggage:
        certificates.append(cms.CertificateChoices.load(one))
    return bytes(answer.dump())


def test_certificates_of_all_are_known_the_preferred_ones_first(made: Path) -> None:
    tsa, seal = (hierarchy.open_signer(made, purpose).chain for purpose in ("tsa", "seal"))
    both = client(remote("a", tsa), remote("b", seal))

    assert both.certificates == (*tsa, seal[0])


def test_without_an_authority_there_is_no_client() -> None:
    with pytest.raises(ValueError, match="no time-stamping authority"):
        client()


def test_threads_share_one_client(made: Path, serve: Callable[[Behaviour], str]) -> None:
    good = authority(made)
    asking = client(remote(serve(answering(good.respond)), good.certificates), deadline=60.0)

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(asking.stamp, [DIGEST] * 24))

    assert len(tokens) == 24


def test_a_request_is_the_one_that_was_built() -> None:
    found = tsp.TimeStampReq.load(timestamp_request.build(DIGEST, 2**63 + 5), strict=True)

    assert found["version"].native == "v1"
    assert found["message_imprint"]["hashed_message"].native == DIGEST
    assert found["nonce"].native == 2**63 + 5
    assert found["cert_req"].native is True
