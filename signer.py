"""The signer as a process of its own: the only one that opens a key, and it has no pages.

It listens on a Unix socket, talks to nobody but the web role of this instance, and runs
the whole issuing cycle itself: what is sealed is what the register says.
"""

from __future__ import annotations

import uvicorn

import emrex.two.signer_api
import verifier.receipts.signer_api
from checking import online_receipts
from credentials.api import Signer, signer_app
from credentials.channel import Channel, listening
from emrex.signing.api import Deps
from emrex.signing.api import router as documents
from emrex_two_wiring import signing_of
from emrex_wiring import maker_of
from verifier.receipts.vouching import Vouching
from wiring import Instance

MOST_AT_ONCE = 64
LONGEST_HEADERS = 16 * 1024
GOODBYE_SECONDS = 10


def serve(instance: Instance) -> None:
    """Listen until stopped. What a crash left open is closed before the first request.

    Raises:
        KeyUnavailable: the keys cannot be opened, so there is nothing to serve.
        OSError: another signer listens on this socket, or the disk refuses.
    """
    instance.open_keys()
    channel = Channel(instance.channel_folder)
    channel.make(instance.clock())
    with listening(instance.settings.socket) as listener:  # first: a second signer stops here
        signer = Signer(instance.register, instance.downloads, instance.check_sealing)
        instance.take_up()
        rooms = [
            documents(Deps(instance.register, maker_of(instance))),
            verifier.receipts.signer_api.router(Vouching(online_receipts(instance))),
        ]
        if instance.settings.emrex2:
            rooms.append(emrex.two.signer_api.router(signing_of(instance)))
        config = uvicorn.Config(
            signer_app(signer, rooms),
            ssl_context_factory=lambda _config, _default: channel.server_context(),
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=GOODBYE_SECONDS,
            limit_concurrency=MOST_AT_ONCE,
            h11_max_incomplete_event_size=LONGEST_HEADERS,
        )
        uvicorn.Server(config).run(sockets=[listener])
