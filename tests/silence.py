"""A relay in front of a server, which can fall silent: it takes all and passes nothing on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_CHUNK = 65_536


@dataclass
class Relay:
    """Where it listens, and whether it passes anything on."""

    port: int
    is_silent: threading.Event = field(default_factory=threading.Event)
    """Whoever is in it is held up until the end of the test, also after it speaks again."""


@contextmanager
def relaying(behind: Path) -> Iterator[Relay]:
    """From a port of this machine to a Unix socket, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        relay = Relay(listener.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(listener, behind, relay), daemon=True)
        thread.start()
        yield relay
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(listener: socket.socket, behind: Path, relay: Relay) -> None:
    with suppress(OSError):
        while True:
            visitor, _ = listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(behind))
            for one, other in ((visitor, server), (server, visitor)):
                threading.Thread(target=_pass_on, args=(one, other, relay), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket, relay: Relay) -> None:
    swallowed = False
    with suppress(OSError), closing(other):
        while data := one.recv(_CHUNK):
            swallowed = swallowed or relay.is_silent.is_set()
            if not swallowed:
                other.sendall(data)
