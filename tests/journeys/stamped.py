"""A real service whose time-stamps come from an authority outside of it.

Run as `python tests/journeys/stamped.py HOME PORT AUTHORITY`. The authority is asked over
HTTP, so whoever started it can also stop it; the product has no switch for that.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import uvicorn

import serving
from checking import online_verifier
from keys import hierarchy
from keys.authorities import RemoteAuthorities, RemoteAuthority
from keys.posting import TimestampPost
from keys.timestamps import TEST_POLICY
from loops import Loop
from settings import Settings
from verifier.sandbox import Sandbox
from wiring import Instance

HURRY = 20
"""The breaker's clock runs this many times faster: a test does not wait half a minute."""
SOON = timedelta(seconds=0.2)


def stamper(instance: Instance, url: str) -> RemoteAuthorities:
    """Time-stamps from that address."""
    authority = hierarchy.open_signer(instance.settings.home / "keys", "tsa").chain
    return RemoteAuthorities(
        [RemoteAuthority(url, authority, TEST_POLICY)],
        TimestampPost(),
        clock=instance.clock,
        monotonic=lambda: time.monotonic() * HURRY,
        deadline=5.0 * HURRY,
    )


def report(error: BaseException) -> None:
    """Say what the worker ran into, for the log of the test."""
    sys.stderr.write(f"{type(error).__name__}\n")


def main(home: str, port: str, authority: str) -> None:
    """Serve until stopped."""
    instance = Instance(Settings(home=Path(home), port=int(port)))
    instance.keyring.__dict__["timestamper"] = stamper(instance, authority)
    with (
        Sandbox() as sandbox,
        Loop(
            lambda: instance.waiting.work(instance.clock()),
            name="waiting downloads",
            report=report,
            every=SOON,
        ),
    ):
        site = serving.whole_site(instance, online_verifier(instance, sandbox))
        uvicorn.Server(uvicorn.Config(site, port=int(port), log_level="warning")).run()
    instance.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
