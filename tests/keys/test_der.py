"""The promise under test: the few encodings we write ourselves are the ones a library writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from keys import der


@given(value=st.integers(min_value=0, max_value=2**200))
def test_whole_numbers_are_as_the_library_writes_them(value: int) -> None:
    assert der.integer(value) == core.Integer(value).dump()


@given(content=st.binary(max_size=700))
def test_octets_are_as_the_library_writes_them(content: bytes) -> None:
    assert der.tlv(der.OCTETS, content) == core.OctetString(content).dump()


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65_535, 65_536])
def test_lengths_have_their_shortest_form(size: int) -> None:
    assert der.tlv(der.OCTETS, bytes(size)) == core.OctetString(bytes(size)).dump()


@given(members=st.lists(st.binary(max_size=150), max_size=5))
def test_sets_are_ordered_as_the_library_orders_them(members: list[bytes]) -> None:
    ours = der.set_of(der.SET, *(der.tlv(der.OCTETS, one) for one in members))

    assert ours == core.SetOf(members, spec=core.OctetString).dump()


@given(value=st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(9999, 1, 1)))  # noqa: DTZ001 - hypothesis takes naive bounds
def test_moments_are_as_the_library_writes_them(value: datetime) -> None:
    whole = value.replace(microsecond=0, tzinfo=UTC)

    assert der.moment(whole) == core.GeneralizedTime(whole).dump()
