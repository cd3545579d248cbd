"""`echt` and programs of the tests as commands of the shell: a process each, words in and out.

Each is forked from a process that has read the program and done nothing else, because
reading it takes seconds and the tests start hundreds. That `python main.py` starts by
itself is shown by every test of a server.
"""

from __future__ import annotations

import atexit
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import httpx2
import pytest

from tests import judges

PATIENCE_SECONDS = 3_600
"""Only ends a hang."""
READY_SECONDS = 900
ECHT = judges.ROOT / "main.py"


def echt(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command over this home, with more in its environment where it is told."""
    return _ended(ECHT, words, os.environ | {"ECHT_HOME": str(home)} | environment)


def script(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a file of Python with these words, as `python path *words` would."""
    return _ended(path, words, os.environ)


@contextmanager
def running(program: Path, *words: str, log: Path, **environment: str) -> Iterator[Running]:
    """The program with these words, until the block ends; killed where it did not end before."""
    process = _process(program, words, os.environ | environment, (log, log))
    process.start()
    try:
        yield Running(process, log)
    finally:
        process.kill()
        process.join()


@dataclass(frozen=True, slots=True)
class Running:
    """A program in a process of its own, with the words of `subprocess.Popen`."""

    process: ForkServerProcess
    log: Path

    def poll(self) -> int | None:
        """Its exit code, negative where a signal ended it; None while it runs."""
        return self.process.exitcode

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Its exit code, when it has ended.

        Raises:
            subprocess.TimeoutExpired: it runs on.
        """
        self.process.join(seconds)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired(self.process.name, seconds)
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.process.pid and self.poll() is None:
            os.kill(self.process.pid, number)

    def said(self) -> str:
        """What it wrote to its standard output and error."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(process: Running, address: str) -> None:
    """Wait until the service at that address can do its work."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, process.said()
        try:
            if httpx2.get(f"{address}/readyz", timeout=5).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail(process.said())


def _ended(
    program: Path, words: tuple[str, ...], variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """The program, run to its end; its code is negative where a signal ended it."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "out", Path(folder) / "err"
        process = _process(program, words, variables, said)
        process.start()
        process.join(PATIENCE_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired([str(program), *words], PATIENCE_SECONDS)
        out, err = (path.read_text(encoding="utf-8") for path in said)
    return subprocess.CompletedProcess([str(program), *words], process.exitcode, out, err)


def _process(
    program: Path, words: tuple[str, ...], variables: Mapping[str, str], said: tuple[Path, Path]
) -> ForkServerProcess:
    told = (program, words, dict(variables), Path.cwd(), said)
    return _forking().Process(target=_become, args=told)


@cache
def _forking() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["main", "running", "demo"])
    return context


def _become(
    program: Path,
    words: tuple[str, ...],
    variables: Mapping[str, str],
    folder: Path,
    said: tuple[Path, Path],
) -> None:
    """In the new process: become that program."""
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    for number, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    sys.argv = [str(program), *words]
    try:
        runpy.run_path(str(program), run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # a child of this kind leaves without them
