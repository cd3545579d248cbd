"""`echt` and programs of the tests as commands of the shell: a process each, words in and out.

Each is forked from a process that has read the program and done nothing else, because
reading it takes seconds and the tests start hundreds. That `python main.py` starts by
itself is shown by every test of a server.
"""

from __future__ import annotations

import atexit
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path

from tests import judges

PATIENCE_SECONDS = 3_600
"""Only ends a hang."""
ECHT = judges.ROOT / "main.py"


def echt(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command over this home, with more in its environment where it is told."""
    return _ended(ECHT, words, os.environ | {"ECHT_HOME": str(home)} | environment)


def script(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a file of Python with these words, as `python path *words` would."""
    return _ended(path, words, os.environ)


def _ended(
    program: Path, words: tuple[str, ...], variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """The program, run to its end; its code is negative where a signal ended it."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "out", Path(folder) / "err"
        told = (program, words, dict(variables), Path.cwd(), said)
        process = _forking().Process(target=_become, args=told)
        process.start()
        process.join(PATIENCE_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired([str(program), *words], PATIENCE_SECONDS)
        out, err = (path.read_text(encoding="utf-8") for path in said)
    return subprocess.CompletedProcess([str(program), *words], process.exitcode, out, err)


@cache
def _forking() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["main"])
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
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    sys.argv = [str(program), *words]
    try:
        runpy.run_path(str(program), run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # a child of this kind leaves without them
