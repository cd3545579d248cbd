"""Nobody asks more often than is fair, whatever the order of requests (verifier.md 3.8)."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from web.guarding.allowances import MINUTE, Allowance, Allowances, block_of


class Seconds:
    """A clock that only goes forward when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    burst=st.integers(1, 10),
    per_minute=st.integers(1, 600),
    pauses=st.lists(st.floats(0, 30), max_size=80),
)
def test_in_any_stretch_of_time_no_more_passes_than_burst_and_rate_allow(
    burst: int, per_minute: int, pauses: list[float]
) -> None:
    clock = Seconds()
    allowances = Allowances(Allowance(burst, per_minute), clock)
    passed: list[float] = []
    for pause in pauses:
        clock.now += pause
        if allowances.take("somebody") == 0:
            passed.append(clock.now)
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            most = burst + (passed[last] - start) * per_minute / MINUTE
            assert last - first + 1 <= most + 1e-6


@given(burst=st.integers(1, 5), per_minute=st.integers(1, 600))
def test_the_wait_that_is_told_is_the_wait_that_helps(burst: int, per_minute: int) -> None:
    clock = Seconds()
    allowances = Allowances(Allowance(burst, per_minute), clock)
    for _ in range(burst):
        assert allowances.take("somebody") == 0
    wait = allowances.take("somebody")
    assert 0 < wait <= MINUTE / per_minute + 1e-9
    clock.now += wait * 0.5
    assert allowances.take("somebody") > 0
    clock.now += wait
    assert allowances.take("somebody") == 0


def test_one_client_takes_nothing_from_another() -> None:
    allowances = Allowances(Allowance(1, 1), Seconds())
    assert allowances.take("one") == 0
    assert allowances.take("one") > 0
    assert allowances.take("other") == 0


def test_strangers_without_number_cost_bounded_memory() -> None:
    allowances = Allowances(Allowance(1, 1), Seconds(), remembered=100)
    for n in range(1_000):
        allowances.take(str(n))
    assert len(allowances._buckets) == 100


@given(st.ip_addresses(v=6))
def test_addresses_of_one_home_are_one_client(address: ipaddress.IPv6Address) -> None:
    assume(address.ipv4_mapped is None)  # each of those is a client of IPv4
    neighbour = ipaddress.IPv6Address(int(address) ^ 1)
    assert block_of(str(address)) == block_of(str(neighbour))


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_block_is_one_connection(address: str, block: str) -> None:
    assert block_of(address) == block
