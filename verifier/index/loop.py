"""The thread that pulls the index beside a running verifier, and stops with it."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from types import TracebackType
from typing import Self

from verifier.errors import VerifierError
from verifier.index.pulled import PulledIndex

_log = logging.getLogger("echt.index")
GOODBYE = 5.0


class Puller:
    """Pulls at once and then again and again; a pull that fails leaves what is there."""

    def __init__(self, index: PulledIndex, every: timedelta) -> None:
        self._index = index
        self._every = every.total_seconds()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="index", daemon=True)

    def __enter__(self) -> Self:
        """Take up what is kept, and start beside the service."""
        self._index.load()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; a pull that is going on is safe to cut off."""
        self._stopped.set()
        self._thread.join(GOODBYE)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._index.pull()
            except VerifierError as error:
                _log.warning("index not pulled: %s", error.public)
            self._stopped.wait(self._every)
