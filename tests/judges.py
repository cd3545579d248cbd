"""Programs that we did not write, and where tests find them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def require(program: str) -> str:
    """Path of an outside program; skips the test loudly where it is not installed."""
    found = shutil.which(program) or _debian_postgres(program)
    if found is None:
        pytest.skip(f"{program} is not installed: make judges")
    return found


def browser() -> str:
    """Chromium; the shell without a window, which costs a third, where Debian's is installed."""
    return shutil.which("chromium-headless-shell") or require("chromium")


def standards() -> Path:
    """Folder of the official schemas, samples and vectors; skips where it is absent."""
    folder = Path(os.environ.get("ECHT_STANDARDS", ROOT.parent / "shared" / "standards"))
    if not folder.is_dir():
        pytest.skip("official standards are absent: set ECHT_STANDARDS to their folder")
    return folder


def _debian_postgres(program: str) -> str | None:
    """Debian keeps initdb and its siblings off PATH, one folder per version."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(versions[-1]) if versions else None
