"""What EMREX 2.0 relies on, in memory and over both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emrex.two.grant import CODE_LIVES, TOKEN_LIVES, Grant, Token
from emrex.two.ports import Grants
from emrex.two.store import SqlGrants
from tests.contracts.memory_grants import MemoryGrants

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
ADDRESS = "https://emc.example.edu/back?a=b"
GRANT = Grant("t1", "emc-nl-uva", ADDRESS, "st+te &=~", "c" * 43, NOW)
CODED = replace(GRANT, person_id="p1", has_results=True, code_until=NOW + CODE_LIVES)
TOKEN = Token("d" * 64, NOW + TOKEN_LIVES)


@pytest.fixture(name="grants", params=["memory", "sqlite", "postgresql"])
def _grants(request: pytest.FixtureRequest) -> Grants:
    if request.param == "memory":
        return MemoryGrants()
    return SqlGrants(request.getfixturevalue(f"{request.param}_engine"))


@pytest.fixture(name="coded")
def _coded(grants: Grants) -> Grants:
    grants.add(GRANT)
    grants.give_code(CODED, "code")
    return grants


def test_a_grant_comes_back_as_it_was_at_every_step(grants: Grants) -> None:
    grants.add(GRANT)
    assert grants.find("t1") == GRANT
    assert grants.find("t2") is None

    grants.give_code(CODED, "code")
    assert grants.find("t1") == grants.by_code("code") == CODED
    assert grants.by_code("other") is None

    assert grants.spend("t1", NOW, TOKEN)
    spent = replace(CODED, spent=NOW, token_until=TOKEN.until)
    assert grants.by_code("code") == grants.by_token(TOKEN.digest) == spent
    assert grants.by_token("other") is None


def test_a_code_is_given_once(coded: Grants) -> None:
    """emrex.md 4.34: asked again, the same one with the same end."""
    later = replace(CODED, person_id="p2", code_until=NOW + timedelta(hours=1))
    coded.give_code(later, "another")

    assert coded.by_code("another") is None
    assert coded.by_code("code") == CODED


def test_a_code_is_spent_once_however_many_try(coded: Grants) -> None:
    """emrex.md 4.85."""
    with ThreadPoolExecutor(4) as pool:
        spent = list(pool.map(lambda _: coded.spend("t1", NOW, TOKEN), range(4)))

    assert sorted(spent) == [False, False, False, True]
    assert not coded.spend("nobody", NOW, None)


def test_a_code_can_be_spent_for_nothing(coded: Grants) -> None:
    assert coded.spend("t1", NOW, None)

    assert not coded.spend("t1", NOW, TOKEN)
    assert coded.by_token(TOKEN.digest) is None


def test_a_token_that_was_revoked_opens_nothing(coded: Grants) -> None:
    coded.add(replace(GRANT, tid="t2"))
    coded.give_code(replace(CODED, tid="t2"), "code 2")
    other = Token("e" * 64, TOKEN.until)
    assert coded.spend("t1", NOW, TOKEN)
    assert coded.spend("t2", NOW, other)

    coded.revoke("t1")

    assert coded.by_token(TOKEN.digest) is None
    assert coded.by_token(other.digest) is not None
    assert not coded.spend("t1", NOW, TOKEN)


def test_an_assertion_is_used_once_whoever_comes_first(grants: Grants) -> None:
    """emrex.md 4.85: jti."""
    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(lambda _: grants.use_once("c", "j", NOW), range(4)))

    assert sorted(used) == [False, False, False, True]
    assert grants.use_once("other", "j", NOW)


def test_what_ended_is_forgotten_and_nothing_else(grants: Grants) -> None:
    grants.add(GRANT)
    grants.add(replace(GRANT, tid="new", created=NOW + timedelta(hours=1)))
    grants.use_once("c", "old", NOW)
    grants.use_once("c", "new", NOW + timedelta(hours=1))

    assert grants.forget(NOW) == 0
    assert grants.forget(NOW + timedelta(seconds=1)) == 2
    assert grants.find("t1") is None
    assert grants.find("new") is not None
    assert not grants.use_once("c", "new", NOW)
    assert grants.use_once("c", "old", NOW)
