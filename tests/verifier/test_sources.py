"""Whatever fails among those who are asked, nothing unknown is green (goals 12 and 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from tests.verifier.coded import OURS, letters, statement
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryIndex, MemoryShares, MemoryStatuses
from tests.verifier.sealed import ADDRESS, NOW, NUMBER, World
from verifier.errors import IndexUnavailable, ReadingFailed, StatusUnavailable
from verifier.ports import BY_CONTENT, Asked, Status
from verifier.reading import ReadingHere
from verifier.verdict import CheckName, CheckResult, Evidence, Verdict, VerdictCode, Way
from verifier.verifying import Verifier

GREEN = {VerdictCode.GENUINE_CURRENT, VerdictCode.QR_GENUINE_COMPARE}
SECRET = "s" * 32
HOW = ("fine", "absent", "raising", "slow", "malformed", "stale")


class Broken:
    """A source that answers everything in one way."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self._answer = answer

    def __getattr__(self, name: str) -> Callable[..., Any]:
        del name
        return lambda *_, **__: self._answer()


def _raise(error: Exception) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer


def _source(how: str, fine: Any, unavailable: type[Exception]) -> Any:
    """A port in the given state; one that knows it is stale says that it cannot tell."""
    return {
        "fine": fine,
        "absent": None,
        "raising": Broken(_raise(unavailable("away"))),
        "slow": Broken(_raise(TimeoutError("too slow"))),
        "malformed": Broken(lambda: "good"),
        "stale": Broken(_raise(unavailable("as of last week"))),
    }[how]


class Reading:
    """The reader's room in the given state; stale is an answer about nothing."""

    def __init__(self, how: str) -> None:
        self._how = how

    def read(
        self, data: bytes, trust: bytes | None, now: datetime, asked: Asked = BY_CONTENT
    ) -> Evidence:
        answers: dict[str, Callable[[], Any]] = {
            "fine": lambda: ReadingHere().read(data, trust, now, asked),
            "absent": _raise(ReadingFailed("no_room")),
            "raising": _raise(MemoryError()),
            "slow": _raise(ReadingFailed("too_slow")),
            "malformed": lambda: {"code": "GENUINE_CURRENT"},
            "stale": Evidence,
        }
        answer: Evidence = answers[self._how]()
        return answer


def _trust(how: str, world: World) -> Callable[[], bytes | None]:
    states: dict[str, Callable[[], Any]] = {
        "fine": lambda: world.trust,
        "absent": lambda: None,
        "raising": _raise(OSError("gone")),
        "slow": _raise(TimeoutError("too slow")),
        "malformed": lambda: world.trust[:-20],
        "stale": lambda: world.trust,  # the clock stands past its end
    }
    return states[how]


def _verifier(world: World, index: MemoryIndex, how: tuple[str, str, str, str]) -> Verifier:
    of_index, of_status, of_trust, of_reading = how
    late = timedelta(days=200) if of_trust == "stale" else timedelta()
    return Verifier(
        index=_source(of_index, index, IndexUnavailable),
        statuses=_source(of_status, MemoryStatuses({NUMBER: Status.GOOD}), StatusUnavailable),
        trust=_trust(of_trust, world),
        reading=Reading(of_reading),
        clock=lambda: NOW + late,
        address=ADDRESS,
    )


def _result(verdict: Verdict, name: CheckName) -> CheckResult:
    return next(check.result for check in verdict.checks if check.name is name)


@pytest.fixture(scope="module", name="code")
def _code(world: World) -> bytes:
    return (OURS + letters(statement(world))).encode()


@pytest.mark.slow
@pytest.mark.parametrize("what", ["known_file", "sealed_file", "code", "fingerprint"])
def test_green_only_when_all_that_is_needed_really_said_so(
    what: str, world: World, index: MemoryIndex, sealed: bytes, code: bytes
) -> None:
    """verifier.md 4.1 to 4.3: all 1,296 states of four sources, for each kind of question."""
    if what in {"known_file", "fingerprint"}:
        index.add(sealed, NUMBER)
    green = []
    cached: dict[str, Evidence] = {}

    class Once(Reading):
        """Reads each state once: 1,296 readings of one file would only take time."""

        def read(
            self, data: bytes, trust: bytes | None, now: datetime, asked: Asked = BY_CONTENT
        ) -> Evidence:
            if self._how != "fine":
                return super().read(data, trust, now, asked)
            key = f"{trust!r}{now}"
            if key not in cached:
                cached[key] = super().read(data, trust, now, asked)
            return cached[key]

    for how in product(HOW, HOW, HOW, HOW):
        verifier = _verifier(world, index, how)
        verifier._reading = Once(how[3])
        if what == "fingerprint":
            verdict = verifier.verify_fingerprint(hashlib.sha256(sealed).hexdigest())
        else:
            verdict = verifier.verify(code if what == "code" else sealed)
        if _result(verdict, CheckName.STATUS) is CheckResult.PASS:
            assert how[1] == "fine"
        if how[1] != "fine":
            assert verdict.code not in GREEN | {VerdictCode.WITHDRAWN, VerdictCode.SUPERSEDED}
        if verdict.code in GREEN:
            green.append(how)

    assert green == [how for how in product(HOW, HOW, HOW, HOW) if _says_so(what, how)]


def _says_so(what: str, how: tuple[str, ...]) -> bool:
    """By the index and the register; or by the file or code itself, the list and the register."""
    known = what in {"known_file", "fingerprint"} and set(how[:2]) == {"fine"}
    proven = what != "fingerprint" and set(how[1:]) == {"fine"}
    return known or proven


@pytest.mark.parametrize("how", HOW[1:])
def test_a_status_that_is_not_said_is_never_told_as_good(
    how: str, world: World, index: MemoryIndex, sealed: bytes
) -> None:
    index.add(sealed, NUMBER)

    verdict = _verifier(world, index, ("fine", how, "fine", "fine")).verify(sealed)

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert _result(verdict, CheckName.STATUS) is CheckResult.NOT_DONE
    assert verdict.details.status_checked_at is None


def test_a_fingerprint_that_nobody_knows_proves_nothing(world: World, index: MemoryIndex) -> None:
    verifier = _verifier(world, index, ("fine",) * 4)

    assert verifier.verify_fingerprint("0" * 64).code is VerdictCode.CANNOT_CHECK
    assert verifier.verify_fingerprint("X").reasons[0] == "not_a_fingerprint"


def _share(world: World, shares: Any, link: str, *, offline: bool = False) -> Verdict:
    verifier = Verifier(
        index=None,
        statuses=None,
        trust=lambda: world.trust,
        reading=ReadingHere(),
        clock=lambda: NOW,
        shares=shares,
        address=ADDRESS,
    )
    return verifier.verify_text(link, offline=offline)


LINK = f"https://{ADDRESS}/nl/share#"


def test_an_ended_link_says_so_and_an_unknown_one_says_the_same(world: World) -> None:
    """verifier.md 3.2 step 1, 3.8: expired, revoked, used up and never there look alike."""
    shares = MemoryShares(SECRET)

    ended = _share(world, shares, LINK + "e" * 32)

    assert ended.code is VerdictCode.SHARE_ENDED
    assert ended.way is Way.SHARE
    assert [check.name for check in ended.checks] == [CheckName.SHARE]
    working = _share(world, shares, LINK + SECRET)
    assert working.code is VerdictCode.CANNOT_CHECK
    assert working.checks[0].reason == "share_open"
    assert shares.asked == ["e" * 32, SECRET]


@pytest.mark.parametrize(
    ("before", "after"), [("", "\n"), ("\ufeff", "\r\n"), (" \t", " \r\n\r\n")]
)
def test_a_link_in_a_text_file_is_that_link(before: str, after: str, world: World) -> None:
    """verifier.md 3.2 step 1: the marks that an editor puts around a text are no part of it."""
    verifier = a_verifier(world, shares=MemoryShares(SECRET))

    ended = verifier.verify(f"{before}{LINK}{'e' * 32}{after}".encode())
    working = verifier.verify(f"{before}{LINK}{SECRET}{after}".encode())

    assert ended.code is VerdictCode.SHARE_ENDED
    assert working.checks[0].reason == "share_open"


def test_a_secret_of_another_form_or_place_is_never_looked_up(world: World) -> None:
    """verifier.md 3.8: the pattern comes before the look-up."""
    shares = MemoryShares(SECRET)
    for link in (
        LINK + "short",
        LINK + "x" * 65,
        LINK + SECRET + "!",
        f"https://evil.example/nl/share#{SECRET}",
        f"https://{ADDRESS}/fr/share#{SECRET}",
    ):
        assert _share(world, shares, link).code is not VerdictCode.SHARE_ENDED

    assert shares.asked == []


def test_links_that_cannot_be_looked_up_are_not_called_ended(world: World) -> None:
    shares = MemoryShares(SECRET)
    shares.available = False

    for source, offline in ((shares, False), (None, False), (MemoryShares(), True)):
        verdict = _share(world, source, LINK + SECRET, offline=offline)
        assert verdict.code is VerdictCode.CANNOT_CHECK
    assert _share(world, Broken(lambda: "ended"), LINK + SECRET).code is VerdictCode.CANNOT_CHECK
