"""An instance in two halves: what the web role has, and a real signer process at a real socket."""

from __future__ import annotations

import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from credentials.channel import Channel
from credentials.errors import SealingPaused
from credentials.extract import Language, Purpose
from credentials.remote import RemoteExtracts
from register.importing import import_lines
from register.records import AwardRecord
from register.synthetic.generate import write
from register.synthetic.personas import PERSONAS
from settings import ProcessRole, Settings
from tests import commands
from tests.commands import ECHT, Running
from wiring import Instance

DOOMED = Path(__file__).with_name("doomed.py")
PATIENCE = 300.0
NOW = datetime(2026, 11, 21, tzinfo=UTC)
CHOICE = (Language.EN, Purpose.GENERAL)


@dataclass(frozen=True, slots=True)
class Split:
    """Both halves of an instance: what web has, and where its signer listens."""

    home: Path
    web: Instance
    local: Instance
    """The same instance as the signer has it, to look at what it did."""

    @property
    def socket(self) -> Path:
        return self.web.settings.socket

    @property
    def remote(self) -> RemoteExtracts:
        return self.web.remote

    def record(self, persona: int = 0) -> AwardRecord:
        return self.web.register.awards_of(PERSONAS[persona].person_id)[0]


def furnish(home: Path) -> None:
    """One instance with its register, its keys, and the certificates of the line."""
    local = Instance(Settings(home=home))
    write(home / "people.jsonl", people=1, seed=1)
    import_lines(home / "people.jsonl", local.writer)
    local.keyring.make()
    Channel(local.channel_folder).make(NOW)
    local.close()


def halves_of(home: Path, sockets: Path) -> Split:
    """Open both halves of an instance."""
    settings = Settings(home=home, signer_socket=sockets / "signer.sock")
    web = Instance(settings.model_copy(update={"role": ProcessRole.WEB}))
    return Split(home, web, Instance(settings))


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for sockets: the name of one may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="echt-", dir="/tmp") as folder:
        yield Path(folder)


@contextmanager
def copied(furnished: Path, folder: Path) -> Iterator[Split]:
    """Both halves of a copy."""
    shutil.copytree(furnished, folder / "home")
    with short_folder() as sockets:
        halves = halves_of(folder / "home", sockets)
        yield halves
        halves.local.close()
        halves.web.engine.dispose()


@contextmanager
def running(halves: Split, step: str = "") -> Iterator[Running]:
    """A signer process; stopped by its own pid where it did not stop before."""
    program, words = ECHT, ["--home", str(halves.home), "serve", "--role", "signer"]
    if step:
        program, words = DOOMED, [str(halves.home), str(halves.socket), step]
    log = halves.home / "signer.log"
    with commands.running(
        program, *words, log=log, ECHT_SIGNER_SOCKET=str(halves.socket)
    ) as process:
        _wait_for(process, halves)
        yield process


def _wait_for(process: Running, halves: Split) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            halves.remote.ping()
        except SealingPaused:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(process.said())


def say(listener: socket.socket, channel: Channel, answer: bytes) -> None:
    """What a signer that went mad would do: take one request, and answer this."""
    line, _ = listener.accept()
    line.settimeout(PATIENCE)
    try:
        with channel.server_context().wrap_socket(line, server_side=True) as inside:
            inside.recv(65_536)
            inside.sendall(answer)
    except OSError:
        line.close()
