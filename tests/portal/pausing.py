"""A sealer whose time-stamping authority can be away, in the place of an instance's own."""

from __future__ import annotations

from credentials.errors import SealingPaused
from credentials.sealing import Prepared
from wiring import Instance


class PausingSealer:
    """Seals as the instance does, while its authority answers."""

    def __init__(self, instance: Instance) -> None:
        self._real = instance.sealer
        self.key, self.profile = self._real.key, self._real.profile
        self.prepare, self.covers = self._real.prepare, self._real.covers
        self.away = True
        instance.__dict__["sealer"] = self

    def seal(self, prepared: Prepared) -> bytes:
        if self.away:
            raise SealingPaused("Sealing is paused. Nothing was issued.")
        return self._real.seal(prepared)
