"""Getting in: only with a fresh statement that this client signed for this address."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from employers.access import LIFETIME, REQUESTS_A_MINUTE, Counted, day_of
from employers.clients import ClientState, keys_in
from employers.errors import (
    AccessRefused,
    ClientRefused,
    RegistrationRefused,
    TooManyRequests,
)
from tests.employers.desk import HOST, TOKEN_URL, Programs


@pytest.mark.parametrize("audience", [TOKEN_URL, HOST, [TOKEN_URL]])
def test_a_good_assertion_opens_the_door_once(
    audience: object, programs: Programs, key: ECKey
) -> None:
    """RFC 7523 3: a `jti` that was used is used."""
    client = programs.register(key)
    assertion = programs.assertion(key, client, aud=audience)

    token = programs.access.grant(assertion, client_id=client.client_id)

    assert programs.access.client(f"Bearer {token}").client_id == client.client_id
    with pytest.raises(ClientRefused):
        programs.access.grant(assertion)


def test_half_a_letter_in_a_jti_is_an_answer(programs: Programs, key: ECKey) -> None:
    """A lone surrogate is JSON, and no database takes it."""
    client = programs.register(key)
    assertion = programs.assertion(key, client, jti="\ud800")

    assert programs.access.grant(assertion)
    with pytest.raises(ClientRefused):
        programs.access.grant(assertion)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_rsa_clients_get_in_with_their_own_algorithm_only(
    algorithm: str, programs: Programs, rsa: RSAKey
) -> None:
    client = programs.register(rsa, jwk={"alg": algorithm})
    other = {"RS256": "PS256", "PS256": "RS256"}[algorithm]

    programs.access.grant(programs.assertion(rsa, client))

    with pytest.raises(ClientRefused):
        programs.access.grant(programs.assertion(rsa, client, header={"alg": other}))


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.nl/oauth/token"},
        {"aud": [TOKEN_URL, "https://elsewhere.nl"]},
        {"aud": None},
        {"iss": "somebody"},
        {"sub": "somebody"},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 201},
        {"jti": 7},
        {"sub": "\ud800"},
        {"sub": "\x00"},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": lambda now: now - MINUTE},
        {"exp": lambda now: now + 10 * MINUTE},
        {"iat": lambda now: now + 2 * MINUTE},
        {"nbf": lambda now: now + 2 * MINUTE},
        {"header": {"kid": "k2"}},
        {"header": {"kid": None}},
        {"header": {"jku": "https://elsewhere.nl/jwks"}},
    ],
)
def test_an_assertion_that_does_not_fit_opens_nothing(
    changes: dict[str, Any], programs: Programs, key: ECKey
) -> None:
    client = programs.register(key)
    made = {
        name: int(value(programs.now).timestamp()) if callable(value) else value
        for name, value in changes.items()
    }

    with pytest.raises(ClientRefused):
        programs.access.grant(programs.assertion(key, client, **made))


def test_another_key_opens_nothing(programs: Programs, key: ECKey) -> None:
    client = programs.register(key)

    with pytest.raises(ClientRefused):
        programs.access.grant(programs.assertion(ECKey.generate_key("P-256"), client))


def test_the_public_key_is_no_password(programs: Programs, key: ECKey) -> None:
    """The HMAC family and `none` cannot be chosen by the token."""
    client = programs.register(key)
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": TOKEN_URL, "jti": "1"}
    secret = OctKey.import_key(json.dumps(key.as_dict(private=False)))
    forged = jwt.encode({"alg": "HS256", "kid": "k1"}, claims, secret, algorithms=["HS256"])

    for token in (forged, "e30.e30.", "a.b", "", "é.é.é", "." * 9000):
        with pytest.raises(ClientRefused):
            programs.access.grant(token)


def test_a_suspended_client_is_out_at_once(programs: Programs, key: ECKey) -> None:
    client = programs.register(key)
    headers = programs.token(key, client)

    programs.clients.change(client.client_id, {"state": ClientState.SUSPENDED.value})

    with pytest.raises(AccessRefused):
        programs.access.client(headers["Authorization"])
    with pytest.raises(ClientRefused):
        programs.access.grant(programs.assertion(key, client))


def test_a_token_ends(programs: Programs, key: ECKey) -> None:
    client = programs.register(key)
    headers = programs.token(key, client)

    programs.now += LIFETIME

    with pytest.raises(AccessRefused):
        programs.access.client(headers["Authorization"])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic x", "Bearer " + "x" * 201])
def test_what_is_no_token_lets_nobody_in(header: str, programs: Programs) -> None:
    with pytest.raises(AccessRefused):
        programs.access.client(header)


def test_requests_of_a_minute_are_counted_and_said_when_to_come_back(
    programs: Programs, key: ECKey
) -> None:
    """verifier.md 4.28: the count is in the database, so every process sees it."""
    client = programs.register(key)
    headers = programs.token(key, client)
    minute = programs.now.replace(second=0)
    left = REQUESTS_A_MINUTE - programs.clients.used(client.client_id, Counted.REQUESTS, minute)
    programs.clients.count(client.client_id, Counted.REQUESTS, minute, left, REQUESTS_A_MINUTE)

    with pytest.raises(TooManyRequests) as refused:
        programs.access.client(headers["Authorization"])

    assert refused.value.headers == {"Retry-After": str(60 - programs.now.second)}
    programs.now += MINUTE
    assert programs.access.client(headers["Authorization"]) == client


@pytest.mark.parametrize(
    "change",
    [
        lambda jwk: jwk | {"d": "AA"},
        lambda jwk: jwk | {"kty": "oct", "k": "AA"},
        lambda jwk: jwk | {"alg": "HS256"},
        lambda jwk: jwk | {"alg": "RS256"},
        lambda jwk: jwk | {"use": "enc"},
        lambda jwk: jwk | {"kid": ""},
        lambda jwk: jwk | {"kid": 7},
        lambda jwk: jwk | {"x": "AA"},
        lambda jwk: jwk | {"crv": "P-384"},
    ],
)
def test_a_key_that_may_not_be_used_is_not_registered(
    change: Callable[[dict[str, Any]], dict[str, Any]], key: ECKey
) -> None:
    jwk = change({**key.as_dict(private=False), "kid": "k1"})

    with pytest.raises(RegistrationRefused):
        keys_in(json.dumps({"keys": [jwk]}).encode())


def test_private_and_mixed_keys_are_not_registered(key: ECKey, rsa: RSAKey) -> None:
    public = [{**one.as_dict(private=False), "kid": name} for name, one in (("a", key), ("b", rsa))]
    for data in (
        json.dumps({"keys": public}).encode(),
        json.dumps({"keys": [public[0], public[0]]}).encode(),
        json.dumps({"keys": []}).encode(),
        json.dumps([1]).encode(),
        b"{",
        key.as_pem(private=True),
        b"x" * 40_000,
    ):
        with pytest.raises(RegistrationRefused):
            keys_in(data)


def test_a_public_key_in_pem_is_enough(key: ECKey, rsa: RSAKey) -> None:
    assert keys_in(key.as_pem(private=False))[0] == "ES256"
    assert keys_in(rsa.as_pem(private=False))[0] == "RS256"


def test_a_day_begins_at_midnight_utc(programs: Programs) -> None:
    assert day_of(programs.now).isoformat() == "2026-11-21T00:00:00+00:00"
