"""A cohort whose key is in a hardware token that is pulled out half way and put back later.

Run as `python tests/faults/pulled_token.py HOME URL` with a token named in the environment;
a module can be initialised once per process, so this is a process of its own. The last
line says how the account came out.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from credentials.bulk.engines import Inline, Shift, run
from credentials.pades import SpliceSealer
from credentials.sealing import Level, SealProfile
from settings import Settings
from tests.credentials.real_bulk import bulk_of
from tests.faults.test_cohort import assert_whole, furnish, keep
from tests.keys.softhsm import chain_of, new_softhsm
from wiring import Instance

DOCUMENTS = 9


def main(home: str, url: str) -> None:
    """Issue three chunks; the token is away between the first and the second."""
    instance = Instance(Settings(home=Path(home), database_url=url))
    awards = furnish(instance, DOCUMENTS)
    with new_softhsm() as hsm:
        token = hsm.open(patience=1)
        kid = hsm.new_kid("seal")
        chain = chain_of(token.generate(kid, "ES256"), now=datetime.now(UTC) - timedelta(days=1))
        profile = SealProfile(level=Level.B_B)
        sealer = SpliceSealer(token.signer(kid, chain), profile, clock=instance.clock)
        bulk = bulk_of(instance, sealer=sealer)
        cohort = keep(bulk, awards, smallest=3)
        away, chunks, naps = hsm.tokens.with_name("away"), count(), count()

        def pull() -> None:
            if next(chunks) == 0:
                hsm.tokens.rename(away)

        def put_back(_seconds: float) -> None:
            if next(naps) == 0:
                sys.stdout.write(f"waits for {bulk.cohorts.waiting(cohort.cohort_id)}\n")
                away.rename(hsm.tokens)

        account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(tick=pull, sleep=put_back))
        assert next(naps) > 0, "nobody missed the token"
        assert account.sealed + account.refusals == DOCUMENTS
        assert_whole(instance, account)
        token.close()
    sys.stdout.write("whole\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
