"""Processes under users of their own, on a machine where the tests are root.

The users need no entry anywhere: a number is enough for the kernel. An interpreter that
only root can reach (below /root) is copied to where everybody can.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

NOT_NEEDED = ("test", "idlelib", "tkinter", "turtledemo", "site-packages", "ensurepip", "config-*")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter that every user can start."""

    executable: Path
    environment: dict[str, str]

    def start(
        self, arguments: list[str], *, user: int, groups: list[int], environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        """Start a process under another user, with nothing of this process's environment."""
        return subprocess.Popen(
            [str(self.executable), *arguments],
            user=user,
            group=user,
            extra_groups=groups,
            env=self.environment | environment,
            cwd="/",
            umask=0o007,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, script: str, *arguments: str, user: int, groups: list[int]) -> str:
        """Run a few lines under another user; what they print."""
        process = self.start(["-c", script, *arguments], user=user, groups=groups, environment={})
        said, complained = process.communicate(timeout=300)
        assert process.returncode == 0, complained.decode()
        return said.decode()


def require_root() -> None:
    """Skip loudly where nobody may start a process under another user."""
    if os.geteuid() != 0:
        pytest.skip("other users need root: run the tests in the container of CI")


def python_for_everybody(folder: Path) -> Python:
    """This interpreter with our packages, copied into `folder` where others cannot reach it.

    The copy needs nothing of the environment: its children are started without one.
    """
    base, version = Path(sys.base_prefix), f"python{sys.version_info[0]}.{sys.version_info[1]}"
    executable = Path(sys.base_exec_prefix) / "bin" / version
    if _open_to_all(executable):
        return Python(executable, ENVIRONMENT | {"PYTHONPATH": sysconfig.get_path("purelib")})
    library = folder / "lib"
    ignored = shutil.ignore_patterns(*NOT_NEEDED)
    shutil.copytree(base / "lib" / version, library / version, ignore=ignored)
    packages = library / version / "site-packages"
    packages.mkdir()
    (packages / "house.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for shared in (base / "lib").glob("libpython*.so.*"):
        shutil.copy2(shared, library)
    (folder / "bin").mkdir()
    copied = folder / "bin" / version
    copied.write_bytes(_relocated(executable.read_bytes(), str(base / "lib")))
    copied.chmod(0o755)
    return Python(copied, ENVIRONMENT)


def _relocated(program: bytes, library: str) -> bytes:
    """Look for shared libraries beside the program: its RUNPATH, in the same number of bytes."""
    old = library.encode()
    return program.replace(old + b"\0", b"$ORIGIN/../lib".ljust(len(old) + 1, b"\0"))


def _open_to_all(path: Path) -> bool:
    real = path.resolve()
    return all(one.stat().st_mode & stat.S_IXOTH for one in (real, *real.parents))
