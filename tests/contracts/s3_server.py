"""A real S3-speaking server of our own, as a process on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from tests.commands import free_port

PATIENCE_SECONDS = 300
REGION: Literal["eu-central-1"] = "eu-central-1"


@contextmanager
def s3_server(port: int, folder: Path) -> Iterator[str]:
    """The address of a server that runs until the block ends; its content goes with it."""
    moto = Path(sys.executable).with_name("moto_server")
    with (folder / "s3.log").open("wb") as log:
        command = [sys.executable, str(moto), "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_up(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def s3_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all tests; each makes a bucket of its own."""
    with s3_server(free_port(), tmp_path_factory.mktemp("s3")) as address:
        yield address


def _wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("the S3 server did not start")
            time.sleep(0.1)
        else:
            return
