"""Whether a stored file carries a seal of ours, whichever of our keys made it.

Keys rotate, authorities too. What a process left half recorded before a rotation must be
judged by the key that sealed it, not by the one that seals now. No key is opened here.
"""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509

from credentials.errors import UnknownShape
from credentials.pades import reading
from credentials.pades.selfcheck import SelfCheck, container_of
from keys.algorithms import algorithm_of


class SealJudge:
    """Knows every key that seals or ever sealed.

    `chains` are theirs: own certificate first, root last, in DER.
    """

    def __init__(self, chains: Iterable[tuple[bytes, ...]]) -> None:
        self._checks: dict[bytes, tuple[SelfCheck, ...]] = {}
        for chain in chains:
            with_and_without = _checks_of(chain)
            self._checks[with_and_without[0].form.signer] = with_and_without

    def covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        """Whether this file carries a valid seal of ours over exactly that digest."""
        try:
            signer = container_of(reading.read(sealed).seal().contents).signer
        except UnknownShape:
            return False
        checks = self._checks.get(signer, ())
        return any(_covers(check, sealed, covered_digest) for check in checks)


def _checks_of(chain: tuple[bytes, ...]) -> tuple[SelfCheck, ...]:
    """Of a seal with a time-stamp, and of one without (B-B)."""
    algorithm = algorithm_of(x509.load_der_x509_certificate(chain[0]).public_key())
    return tuple(SelfCheck(chain, algorithm, stamped=stamped) for stamped in (True, False))


def _covers(check: SelfCheck, sealed: bytes, covered_digest: bytes) -> bool:
    try:
        return check.covered(reading.read(sealed)) == covered_digest
    except UnknownShape:
        return False
