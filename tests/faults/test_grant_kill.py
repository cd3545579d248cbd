"""Kill a real process between any two states of EMREX 2.0: one code, and one token or none.

emrex.md 3.2, 4.34 and 4.85.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from emrex.errors import CodeRefused
from emrex.exchange.exchanging import mark
from emrex.exchange.transaction import Holder
from emrex.two.authorising import Begun
from emrex.two.redeeming import Presented
from emrex_two_wiring import Two
from register.synthetic.personas import PERSONAS
from tests.commands import script
from tests.emrex.two.outside import BASE, CHALLENGE, VERIFIER, Emc
from tests.faults.killable_grant import ANSWERING, REDEEMING, opened
from tests.house import furnish

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("killable_grant.py")
PERSON = PERSONAS[0].person_id
EMC = Emc("emc-nl-uva", "https://emc.example.edu/back", RSAKey.generate_key(2048), state="s")


@pytest.fixture(name="place", scope="module")
def _place(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    home = tmp_path_factory.mktemp("grants")
    furnish(home, people=1).close()
    clients = home / "clients.json"
    clients.write_text(json.dumps([EMC.entry]))
    return str(home), str(clients)


@pytest.fixture(name="two")
def _two(place: tuple[str, str]) -> Iterator[Two]:
    two = opened(*place)
    yield two
    two.instance.close()


def signed(two: Two) -> Begun:
    """A transfer that the holder said yes to."""
    begun = two.authorising.begin(
        [
            ("response_type", "code"),
            ("client_id", EMC.client_id),
            ("redirect_uri", EMC.redirect_uri),
            ("state", EMC.state),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
    )
    assert isinstance(begun, Begun)
    exchange = two.exchange
    one = exchange.send_to_log_in(exchange.find(begun.tid, begun.secret))
    one, _ = exchange.let_in(one, Holder(PERSON, "substantial"))
    one = exchange.choose(one, [exchange.offered(one).records[0].award.award_id])
    exchange.consent(one, "en", mark(exchange.chosen(one)))
    return begun


def code(two: Two, begun: Begun) -> str:
    """What the browser takes back."""
    transfer = two.exchange.find(begun.tid, begun.secret)
    address = urlsplit(two.authorising.address(transfer, begun.secret))
    return parse_qs(address.query)["code"][0]


def presented(brought: str) -> Presented:
    now = int(time.time())
    claims = {"iss": EMC.client_id, "sub": EMC.client_id, "aud": BASE, "exp": now + 120}
    claims |= {"jti": secrets.token_hex(8)}
    assertion = jwt.encode({"alg": "RS256"}, claims, EMC.key)
    return Presented(assertion, "", brought, EMC.redirect_uri, VERIFIER)


def document_of(two: Two, token: str) -> str:
    found = two.api.fetching.document(f"Bearer {token}").document
    assert found is not None
    return hashlib.sha256(found).hexdigest()


def killed(place: tuple[str, str], step: str, told: dict[str, str]) -> None:
    ended = script(SCRIPT, *place, step, json.dumps(told))
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def receipt_of(two: Two, begun: Begun) -> str:
    (found,) = [one for one in two.exchange.transfers.receipts(PERSON) if one.tid == begun.tid]
    return found.sha256


@pytest.mark.parametrize("step", ANSWERING)
def test_an_answer_that_was_cut_short_is_given_again(
    place: tuple[str, str], two: Two, step: str
) -> None:
    begun = signed(two)
    killed(place, step, asdict(begun))

    brought = code(two, begun)
    token = two.api.redeeming.token(presented(brought))

    assert document_of(two, token) == receipt_of(two, begun)
    with pytest.raises(CodeRefused):
        two.api.redeeming.token(presented(brought))


@pytest.mark.parametrize("step", REDEEMING)
def test_a_code_that_was_cut_short_gives_one_token_or_none(
    place: tuple[str, str], two: Two, step: str
) -> None:
    """Once it is spent nobody gets a second token, also when nobody got the first."""
    begun = signed(two)
    brought = code(two, begun)
    killed(place, step, asdict(presented(brought)))

    if step == "after spend":
        with pytest.raises(CodeRefused):
            two.api.redeeming.token(presented(brought))
    else:
        token = two.api.redeeming.token(presented(brought))
        assert document_of(two, token) == receipt_of(two, begun)
