"""A pool of closed rooms, started before they are needed.

Starting a room and importing a PDF library costs half a second, so rooms wait. One
that dies, hangs or talks nonsense is torn down and replaced; the file it read gets
the answer "could not be checked", and everybody else notices nothing.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from verifier import comparing, wire
from verifier.confinement import Walls
from verifier.errors import ReadingFailed
from verifier.ports import BY_CONTENT, Asked

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from verifier.comparing import Comparison
    from verifier.verdict import Evidence

WALL_SECONDS = 10.0
START_SECONDS = 60.0
JOBS_PER_ROOM = 500
WAITING_PER_ROOM = 8
_HOUSE = Path(__file__).resolve().parent.parent
_START = "import sys; sys.path.insert(0, sys.argv[1]); from verifier.{} import main; main()"
READS, DRAWS = "child", "drawing_child"
"""What a room is for."""
DRAWING_AT_ONCE = 1
"""Comparisons; they are a courtesy, and whoever comes second goes without."""
_CHUNK = 65536
_WALLS_TOLD = 2


class Sandbox:
    """Reads untrusted files in other processes, at most `size` at a time. Thread-safe."""

    def __init__(self, size: int = 2, *, wall_seconds: float = WALL_SECONDS) -> None:
        self._wall = wall_seconds
        self._closed = False
        self._rooms: queue.PriorityQueue[_Room] = queue.PriorityQueue()
        for _ in range(size):
            self._rooms.put(_Room())
        self._size = size
        # Who waits holds a thread of the site: a flood must not take them all.
        self._waiting = threading.BoundedSemaphore(WAITING_PER_ROOM * size)
        self._present: set[object] = set()
        self._drawing = threading.BoundedSemaphore(DRAWING_AT_ONCE)

    def load(self) -> float:
        """The part of the line for a room that is taken, from 0 (nobody) to 1 (full)."""
        return len(self._present) / (WAITING_PER_ROOM * self._size)

    def read(
        self, data: bytes, trust: bytes | None, now: datetime, asked: Asked = BY_CONTENT
    ) -> Evidence:
        """Evidence about the file, from a closed room.

        Raises:
            ReadingFailed: the room gave no understandable answer in time, or none is free.
        """
        if self._closed:
            raise ReadingFailed("closed")
        if not self._waiting.acquire(blocking=False):
            raise ReadingFailed("busy")
        visitor = object()
        self._present.add(visitor)  # a set is safe between threads, a sum of numbers is not
        try:
            return self._read(data, trust, now, asked)
        finally:
            self._present.discard(visitor)
            self._waiting.release()

    def _read(self, data: bytes, trust: bytes | None, now: datetime, asked: Asked) -> Evidence:
        try:
            room = self._rooms.get(timeout=self._wall)
        except queue.Empty:
            raise ReadingFailed("busy") from None
        try:
            room.await_start()
            deadline = time.monotonic() + self._wall
            body = room.ask(wire.question(data, trust, now.isoformat(), asked), deadline)
        finally:
            self._rooms.put(room if room.usable else room.replaced())
        return wire.understood(body)

    def compare(self, data: bytes, trust: bytes | None, now: datetime) -> Comparison | None:
        """What changed since our seal, drawn in a room that is used once. Never raises."""
        if self._closed or not self._drawing.acquire(blocking=False):
            return None
        try:
            return self._compare(wire.question(data, trust, now.isoformat()))
        except (ReadingFailed, OSError):
            return None
        finally:
            self._drawing.release()

    def _compare(self, question: wire.Question) -> Comparison | None:
        room = _Room(DRAWS)
        try:
            room.await_start()
            return comparing.understood(room.ask(question, time.monotonic() + self._wall))
        finally:
            room.end()

    def walls(self) -> Walls:
        """Which walls of the kernel stand around the rooms: the same for all of them.

        Raises:
            ReadingFailed: no room could be started, or none is free.
        """
        try:
            room = self._rooms.get(timeout=START_SECONDS)
        except queue.Empty:
            raise ReadingFailed("busy") from None
        try:
            room.await_start()
            return room.walls
        finally:
            self._rooms.put(room if room.usable else room.replaced())

    def peak_memory(self) -> int:
        """The most memory that a room which waits now ever had, in bytes (Linux; else 0)."""
        room = self._rooms.get(timeout=START_SECONDS)
        try:
            return room.peak_memory()
        finally:
            self._rooms.put(room)

    def close(self) -> None:
        """End every room and wait for it to be gone."""
        self._closed = True
        for _ in range(self._size):
            with contextlib.suppress(queue.Empty):
                self._rooms.get(timeout=self._wall).end()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()


class _Room:
    """One child process and the two pipes to it."""

    def __init__(self, purpose: str = READS) -> None:
        start = _START.format(purpose)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, "-I", "-W", "ignore", "-c", start, str(_HOUSE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise ReadingFailed("no_room")
        self._into, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._into.fileno(), False)
        os.set_blocking(self._out.fileno(), False)
        self._started = False
        self.walls = Walls(calls=False, files=False)
        """Which walls of the kernel stand; none until it has started."""
        self._jobs = 0
        self._used_at = 0.0
        self._broken = False

    def __lt__(self, other: _Room) -> bool:
        """Which of two that wait is taken: a ready one, and of those the one used last."""
        return (self._started, self._used_at) > (other._started, other._used_at)

    @property
    def usable(self) -> bool:
        """Whether another file may be read in here."""
        return not self._broken and self._jobs < JOBS_PER_ROOM

    def peak_memory(self) -> int:
        """The high-water mark of this process, in bytes (proc(5)); 0 where nobody keeps it."""
        try:
            lines = Path(f"/proc/{self._process.pid}/status").read_text("ascii").splitlines()
        except OSError:
            return 0
        kept = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return 1024 * int(kept[0]) if kept else 0

    def replaced(self) -> _Room:
        """A fresh room in place of this one."""
        self.end()
        return _Room()

    def end(self) -> None:
        """Kill the process, and leave neither a zombie nor an open pipe."""
        self._broken = True
        self._process.kill()
        for pipe in (self._into, self._out):
            with contextlib.suppress(OSError):
                pipe.close()
        self._process.wait()

    def await_start(self) -> None:
        """Wait until the room has imported what it needs; that time is nobody's fault."""
        if self._started:
            return
        self._broken = True
        deadline = time.monotonic() + START_SECONDS
        if self._receive(len(wire.READY), deadline) != wire.READY:
            raise ReadingFailed("no_room")
        self.walls = Walls.understood(self._receive(_WALLS_TOLD, deadline))
        self._started, self._broken = True, False

    def ask(self, question: wire.Question, deadline: float) -> bytes:
        """Send one question and wait for the whole answer; any trouble breaks the room."""
        self._broken = True
        self._jobs += 1
        for part in question:
            self._send(part, deadline)
        (length,) = wire.LENGTH.unpack(self._receive(wire.LENGTH.size, deadline))
        if length > wire.MAX_ANSWER:
            raise ReadingFailed("answer_too_large")
        body = self._receive(length, deadline)
        self._broken, self._used_at = False, time.monotonic()
        return body

    def _send(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            self._wait(self._into.fileno(), select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._into.fileno(), rest[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as cause:
                raise ReadingFailed("room_died") from cause

    def _receive(self, length: int, deadline: float) -> bytes:
        found = bytearray()
        while len(found) < length:
            self._wait(self._out.fileno(), select.POLLIN, deadline)
            part = os.read(self._out.fileno(), min(_CHUNK, length - len(found)))
            if not part:
                raise ReadingFailed("room_died")
            found += part
        return bytes(found)

    @staticmethod
    def _wait(descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise ReadingFailed("too_slow")
