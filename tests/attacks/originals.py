"""The fresh genuine documents that everything in the kit is made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credentials.sealing import Level
from keys import hierarchy
from tests.attacks import signing
from tests.verifier import coded
from tests.verifier.elmo import ElmoWorld, make_elmo_world
from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.sealed import FACTS, NOW, NUMBER
from verifier.ports import Status
from verifier.reading import ReadingHere

REPLACED, TAKEN_BACK = "M2PX-7RTA-4QKD", "X9TA-4QKD-M2PX"
OTHER_NAME = "Mallory de Vervalser"


@dataclass(frozen=True, slots=True)
class Originals:
    """Documents of one hierarchy, and the hierarchy of a forger who uses the same names."""

    world: ElmoWorld
    forger: ElmoWorld
    page: bytes
    sealed: bytes
    archived: bytes
    superseded: bytes
    withdrawn: bytes
    elmo: bytes
    token: bytes
    code: str

    def index(self) -> MemoryIndex:
        """What the ledger knows: every genuine file."""
        index = MemoryIndex()
        for data in (self.sealed, self.archived, self.elmo, self.token):
            index.add(data, NUMBER)
        index.add(self.superseded, REPLACED)
        index.add(self.withdrawn, TAKEN_BACK)
        seen = [ReadingHere().read(one, self.world.trust, NOW) for one in self.genuine()]
        index.covered = {one.covered_digest for one in seen if one.covered_digest}
        return index

    def genuine(self) -> tuple[bytes, ...]:
        """The sealed PDFs."""
        return self.sealed, self.archived, self.superseded, self.withdrawn

    def statuses(self) -> MemoryStatuses:
        """What the register says today."""
        states = {NUMBER: Status.GOOD, REPLACED: Status.SUPERSEDED, TAKEN_BACK: Status.WITHDRAWN}
        return MemoryStatuses(states)


def facts(**changes: Any) -> dict[str, Any]:
    """The facts of the genuine extract, some of them changed."""
    return FACTS | changes


def renamed() -> dict[str, Any]:
    """The genuine facts about somebody else."""
    return facts(holder=FACTS["holder"] | {"name": OTHER_NAME})


def make(folder: Path) -> Originals:
    """Make everything anew; no key of the kit exists anywhere else."""
    ours, theirs = folder / "ours", folder / "theirs"
    world, forger = make_elmo_world(ours), make_elmo_world(theirs)
    page = world.page()
    signer = hierarchy.open_signer(world.keys, "seal")
    header = {"alg": "ES256", "kid": signer.key.kid}
    return Originals(
        world=world,
        forger=forger,
        page=page,
        sealed=world.seal(page),
        archived=world.seal(page, Level.B_LTA),
        superseded=world.seal(world.page(facts=facts(number=REPLACED))),
        withdrawn=world.seal(world.page(facts=facts(number=TAKEN_BACK))),
        elmo=world.elmo(),
        token=signing.compact(header, json.dumps(FACTS).encode(), signer),
        code=coded.OURS + coded.letters(coded.statement(world)),
    )
