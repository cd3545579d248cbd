"""Buckets: width by rule, one size for all, and the same answer whoever asks (verifier.md 3.4)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier import bucket_api
from verifier.buckets import RECOUNTED_EVERY, SMALLEST, Buckets, prefix_of, width_of
from verifier.errors import WrongPrefix
from verifier.ports import HashStatus, Status

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class MemoryBuckets:
    """A source that holds what it was given, and counts how often it is counted."""

    def __init__(self, count: int) -> None:
        self.hashes = sorted(hashlib.sha256(b"%d" % n).hexdigest() for n in range(count))
        self.statuses = list(Status)
        self.counted = 0

    def as_of(self) -> datetime:
        return NOON

    def sizes(self) -> Mapping[int, int]:
        self.counted += 1
        return Counter(int(one[:4], 16) for one in self.hashes)

    def between(self, first: str, last: str) -> Sequence[HashStatus]:
        return [
            HashStatus(one, self.statuses[int(one[-1], 16) % 3])
            for one in self.hashes
            if first <= one <= last
        ]


def found_in(buckets: Buckets, sha256: str) -> str | None:
    """What a client does: the documented contract, written a second time."""
    bits = buckets.about()["bits"]
    assert isinstance(bits, int)
    answer = json.loads(buckets.bucket(prefix_of(sha256, bits)))
    rest = sha256[bits // 4 : 32]
    return next((status for one, status in answer["entries"] if one == rest), None)


@pytest.mark.parametrize(
    ("count", "bits"),
    [(0, 0), (1, 0), (319, 0), (320, 1), (200_000, 10), (1_000_000, 12), (10_000_000, 15)],
)
def test_the_width_is_that_of_the_specification(count: int, bits: int) -> None:
    """verifier.md 3.4: floor(log2(N/160)), for hashes that are spread evenly."""
    each, left = divmod(count, 1 << 16)
    sizes = {head: each + (head * left % (1 << 16) < left) for head in range(1 << 16)}
    total = sum(sizes.values())

    width = width_of({head: size for head, size in sizes.items() if size})

    assert total == count
    assert width.bits == bits


@given(st.dictionaries(st.integers(0, (1 << 16) - 1), st.integers(1, 400), max_size=120))
@settings(max_examples=40)
def test_no_bucket_is_ever_small_while_there_are_several(sizes: dict[int, int]) -> None:
    """verifier.md goal 10, whatever the hashes are."""
    width = width_of(sizes)

    folded = Counter[int]()
    for head, size in sizes.items():
        folded[head >> (16 - width.bits)] += size
    assert width.count == sum(sizes.values())
    if width.bits:
        assert min(folded[one] for one in range(1 << width.bits)) >= SMALLEST


@pytest.mark.parametrize("count", [0, 5, 2_000])
def test_every_known_hash_is_in_its_bucket_and_no_other_is(count: int) -> None:
    source = MemoryBuckets(count)
    buckets = Buckets(source, lambda: NOON)

    for one in source.hashes[::37]:
        assert found_in(buckets, one) == source.statuses[int(one[-1], 16) % 3].value
    assert found_in(buckets, "0" * 64) is None
    assert found_in(buckets, "f" * 64) is None


def test_the_prefix_is_the_first_bits_as_an_integer() -> None:
    """The contract to the letter: integer in lower-case hex, and the rest overlaps it."""
    sha256 = "ab" + "0" * 62

    assert prefix_of(sha256, 0) == "0"
    assert prefix_of(sha256, 4) == "a"
    assert prefix_of(sha256, 7) == "55"
    assert prefix_of(sha256, 10) == "2ac"
    assert prefix_of(sha256, 12) == "ab0"


@pytest.mark.parametrize(
    "prefix", ["", "00", "g", "F", "8", "0 ", "-1", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_what_is_no_prefix_of_today_is_refused(prefix: str) -> None:
    buckets = Buckets(MemoryBuckets(2_000), lambda: NOON)
    assert buckets.width().bits == 3

    with pytest.raises(WrongPrefix):
        buckets.bucket(prefix)


def test_one_caller_counts_and_not_before_it_is_due() -> None:
    source, now = MemoryBuckets(400), [NOON]
    buckets = Buckets(source, lambda: now[0])

    for _ in range(3):
        buckets.about()
    assert source.counted == 1
    now[0] += RECOUNTED_EVERY
    buckets.about()
    assert source.counted == 2


@pytest.fixture(name="client")
def _client() -> TestClient:
    buckets = Buckets(MemoryBuckets(2_000), lambda: NOON)
    app = FastAPI()
    app.include_router(bucket_api.router(bucket_api.Deps(buckets, buckets)))
    return TestClient(app)


@pytest.mark.parametrize("kind", ["hash-buckets", "status-buckets"])
def test_a_hit_and_a_miss_look_the_same_from_outside(kind: str, client: TestClient) -> None:
    """verifier.md 4.13, 4.14, goal 44: same status, same headers, same length to the byte."""
    answers = [client.get(f"/api/v1/{kind}/{prefix}") for prefix in "01234567"]

    assert {one.status_code for one in answers} == {200}
    assert len({tuple(one.headers.items()) for one in answers}) == 1
    assert len({len(one.content) for one in answers}) == 1
    assert answers[0].headers["cache-control"] == "no-store, no-transform"
    assert all(len(one.json()["entries"]) >= SMALLEST for one in answers)
    assert {one.json()["asOf"] for one in answers} == {"2026-11-21T12:00:00Z"}


def test_padding_does_not_compress() -> None:
    """What a proxy could squeeze out would tell how full a bucket is."""
    answer = json.loads(Buckets(MemoryBuckets(5), lambda: NOON).bucket("0"))

    assert len(set(answer["padding"])) == 16
    assert (
        answer["padding"]
        != json.loads(Buckets(MemoryBuckets(5), lambda: NOON).bucket("0"))["padding"]
    )


@pytest.mark.parametrize("count", [5, 2_000])
def test_half_of_every_hash_stands_in_no_list(count: int) -> None:
    """verifier.md 3.7.2: only who has the file knows all of its hash."""
    source = MemoryBuckets(count)
    buckets = Buckets(source, lambda: NOON)
    bits = buckets.width().bits
    everything = b"".join(
        buckets.bucket(prefix_of(f"{n << (256 - bits):064x}", bits)) for n in range(1 << bits)
    )

    assert all(one[4:32].encode() in everything for one in source.hashes)
    assert not any(one[32:40].encode() in everything for one in source.hashes[:100])


def test_a_bucket_that_grew_goes_up_one_class() -> None:
    source = MemoryBuckets(30)
    buckets = Buckets(source, lambda: NOON)
    before = len(buckets.bucket("0"))

    source.hashes = MemoryBuckets(100).hashes

    assert before == 4096
    assert len(buckets.bucket("0")) == 8192
