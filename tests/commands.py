"""`echt` as a command of the shell: a process of its own, with words in and words out.

Each is forked from a process that has read the program and done nothing else, because
reading it takes seconds and the tests start hundreds. That `python main.py` starts by
itself is shown by every test of a server.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path

from main import run
from tests import judges

PATIENCE_SECONDS = 600
"""Only ends a hang."""


def echt(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command over this home, with more in its environment where it is told."""
    variables = os.environ | {"ECHT_HOME": str(home)} | environment
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "out", Path(folder) / "err"
        process = _forking().Process(target=_run, args=(words, variables, Path.cwd(), said))
        process.start()
        process.join(PATIENCE_SECONDS)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(["echt", *words], PATIENCE_SECONDS)
        out, err = (path.read_text(encoding="utf-8") for path in said)
    return subprocess.CompletedProcess(["echt", *words], process.exitcode, out, err)


@cache
def _forking() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["main"])
    return context


def _run(
    words: tuple[str, ...], variables: Mapping[str, str], folder: Path, said: tuple[Path, Path]
) -> None:
    """In the new process: become the command."""
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    for number, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    sys.argv = [str(judges.ROOT / "main.py"), *words]
    try:
        run()
    finally:
        atexit._run_exitfuncs()  # a child of this kind leaves without them
