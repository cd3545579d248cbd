"""The closed rooms: what happens in one stays in one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verifier.sealed import NOW, World
from verifier import wire
from verifier.confinement import Walls
from verifier.errors import ReadingFailed
from verifier.sandbox import WAITING_PER_ROOM, Sandbox
from verifier.verdict import CheckName, CheckResult, Evidence, passed

HOUSE = Path(__file__).resolve().parents[2]


def _pid(rooms: Sandbox) -> int:
    room = rooms._rooms.get()
    rooms._rooms.put(room)
    return room._process.pid


def _confined(code: str) -> subprocess.CompletedProcess[str]:
    """Run a line of code behind the same doors as a reader."""
    script = f"from verifier.confinement import confine; print(confine().told()); {code}"
    return subprocess.run(
        [sys.executable, "-c", script], cwd=HOUSE, capture_output=True, text=True, check=False
    )


def test_a_room_answers_as_this_process_would(
    sandbox: Sandbox, world: World, sealed: bytes
) -> None:
    evidence = sandbox.read(sealed, world.trust, NOW)

    assert evidence.our_signature
    assert {check.result for check in evidence.checks} == {CheckResult.PASS}


def test_a_killed_room_is_replaced(world: World, sealed: bytes) -> None:
    with Sandbox(1) as rooms:
        rooms.read(sealed, world.trust, NOW)
        first = _pid(rooms)
        os.kill(first, signal.SIGKILL)

        with pytest.raises(ReadingFailed):
            rooms.read(sealed, world.trust, NOW)

        assert rooms.read(sealed, world.trust, NOW).our_signature
        assert _pid(rooms) != first


def test_a_room_that_is_being_furnished_is_not_taken_while_another_is_ready(
    world: World, sealed: bytes
) -> None:
    with Sandbox(2) as rooms:
        fresh = rooms._rooms.get()
        rooms.read(sealed, world.trust, NOW)
        ready = _pid(rooms)
        rooms._rooms.put(fresh)

        assert rooms.read(sealed, world.trust, NOW).our_signature
        assert not fresh._started
        assert _pid(rooms) == ready


def test_a_hung_room_costs_one_answer_and_no_more(world: World, sealed: bytes) -> None:
    with Sandbox(1, wall_seconds=5.0) as rooms:
        rooms.read(sealed, world.trust, NOW)
        os.kill(_pid(rooms), signal.SIGSTOP)

        with pytest.raises(ReadingFailed, match="too_slow"):
            rooms.read(sealed, world.trust, NOW)

        assert rooms.read(sealed, world.trust, NOW).our_signature


def test_many_threads_share_few_rooms(world: World, sealed: bytes) -> None:
    answers: list[Evidence] = []
    with Sandbox(2) as rooms:
        threads = [
            threading.Thread(target=lambda: answers.append(rooms.read(sealed, world.trust, NOW)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(answers) == 8
    assert all(answer.our_signature for answer in answers)


def test_a_flood_is_refused_and_not_queued_for_ever(world: World, sealed: bytes) -> None:
    """pdf.md 4.15: so many wait for a room and no more; whoever waits is answered in the end."""
    answers: list[Evidence] = []
    with Sandbox(1, wall_seconds=3600) as rooms:
        room = rooms._rooms.get()  # the only room is taken: nobody gets in until it is back
        threads = [
            threading.Thread(target=lambda: answers.append(rooms.read(sealed, world.trust, NOW)))
            for _ in range(WAITING_PER_ROOM)
        ]
        for thread in threads:
            thread.start()
        while rooms._waiting._value:
            time.sleep(0.01)

        refused = 0
        for _ in range(100):
            with pytest.raises(ReadingFailed, match="busy"):
                rooms.read(sealed, world.trust, NOW)
            refused += 1
        rooms._rooms.put(room)
        for thread in threads:
            thread.join()

    assert refused == 100
    assert len(answers) == WAITING_PER_ROOM
    assert all(answer.our_signature for answer in answers)


def test_who_waits_longer_than_a_reading_takes_is_sent_away(world: World, sealed: bytes) -> None:
    with Sandbox(1, wall_seconds=0.05) as rooms:
        room = rooms._rooms.get()
        with pytest.raises(ReadingFailed, match="busy"):
            rooms.read(sealed, world.trust, NOW)
        rooms._rooms.put(room)

        assert rooms._waiting._value == WAITING_PER_ROOM


def test_a_closed_pool_leaves_no_process_behind(world: World, sealed: bytes) -> None:
    rooms = Sandbox(1)
    rooms.read(sealed, world.trust, NOW)
    pid = _pid(rooms)
    rooms.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ReadingFailed, match="closed"):
        rooms.read(sealed, world.trust, NOW)


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import _socket; _socket.socket(2, 1, 0)",
        "open('/tmp/verifier-was-here', 'w')",
        "open('/etc/hostname')",
        "open('/proc/self/environ')",
        "open('pyproject.toml')",
        "import os; os.listdir('/')",
        "import os; os.fork()",
        "import subprocess; subprocess.run(['/bin/true'])",
        "import socket; socket.socketpair(); socket.socket(socket.AF_UNIX).connect('/tmp/x')",
        "import os; os.execv('/bin/true', ['true'])",
        "import os; os.truncate(os.devnull, 0)",
        "import os; os.mkdir('/tmp/verifier-was-here')",
        "import os; os.rename('/tmp', '/tmp2')",
        "import os; os.chmod('/tmp', 0)",
        "import os; os.kill(os.getppid(), 0)",
        "import os; os.symlink('/etc/passwd', '/tmp/verifier-was-here')",
        "import resource, os; resource.prlimit(os.getppid(), resource.RLIMIT_CPU)",
        "x = bytearray(900 * 1024 * 1024)",
    ],
)
def test_a_confined_process_cannot_reach_out(code: str) -> None:
    """verifier.md 4.18, goal 55: no socket, no file, no program, no memory beyond its own."""
    done = _confined(code)

    assert done.stdout.strip() == "b'CF'", "this kernel lacks seccomp or Landlock"
    assert done.returncode != 0
    assert "PermissionError" in done.stderr or "MemoryError" in done.stderr
    assert not Path("/tmp/verifier-was-here").exists()  # noqa: S108 - the path tried above


def test_a_room_says_which_walls_stand_around_it(sandbox: Sandbox) -> None:
    assert sandbox.walls() == Walls(calls=True, files=True)


@given(calls=st.booleans(), files=st.booleans())
def test_walls_are_told_and_understood(*, calls: bool, files: bool) -> None:
    walls = Walls(calls=calls, files=files)

    assert Walls.understood(walls.told()) == walls


def test_a_confined_process_can_still_import_what_it_is_made_of() -> None:
    done = _confined("import verifier.pdf.reader, xml.dom.minidom, cryptography.fernet; print(1)")

    assert done.stdout.split() == ["b'CF'", "1"], done.stderr


def test_a_room_has_no_environment(sandbox: Sandbox) -> None:
    environment = Path(f"/proc/{_pid(sandbox)}/environ")

    assert b"PATH" not in environment.read_bytes()
    assert b"ECHT" not in environment.read_bytes()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"failure": 7}',
        b'{"checks":[["seal_ours","perhaps","x"]],"ours":true}',
        b'{"checks":[],"ours":"yes","covered":null,"number":null,"facts":null,"flags":[]}',
        b'{"checks":[],"ours":true,"covered":null,"number":null,"facts":[],"flags":[]}',
        b'{"checks":[],"ours":true,"covered":null,"number":null,"facts":null,"flags":[9]}',
        b"[" * 5000,
    ],
)
def test_an_answer_of_another_form_is_no_answer(body: bytes) -> None:
    with pytest.raises(ReadingFailed):
        wire.understood(body)


def test_evidence_survives_the_wire() -> None:
    evidence = Evidence(
        checks=(passed(CheckName.SEAL_OURS, "key_on_list"),),
        our_signature=True,
        covered_digest="ab",
        document_number="K7",
        facts={"a": 1},
        flags=("imitation",),
    )

    assert wire.understood(wire.answer(evidence)[wire.LENGTH.size :]) == evidence


def test_an_answer_beyond_all_bounds_is_replaced_by_a_failure() -> None:
    huge = wire.answer(Evidence(facts={"x": "y" * wire.MAX_ANSWER}))

    with pytest.raises(ReadingFailed, match="answer_too_large"):
        wire.understood(huge[wire.LENGTH.size :])
