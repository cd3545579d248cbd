"""A table to hold ceremonies at: people with keys, plans from the manual, a clock to set."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from keys import hierarchy, publishing, states, trust
from keys.ceremony.acts import OpenToken
from keys.ceremony.approvals import approve, signature_file
from keys.ceremony.holding import Ceremonies
from keys.ceremony.transcript import Transcript
from keys.trust import TrustList

PURPOSES = ("seal", "facts", "trust", "tsa", "ocsp", "emrex", "receipt", "webhook")
"""For which the first plan of the manual makes a key: all that a whole service signs."""
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "ceremony"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PEOPLE = ("anna", "bram", "carla", "daan")
ED25519 = ("carla",)
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----\s+([A-Z]+)\s+-----END PUBLIC KEY-----")


@dataclass(slots=True)
class Room:
    """One folder with everything; `now` is whatever the test says."""

    folder: Path
    now: datetime = START
    open_token: OpenToken | None = None
    production: bool = False
    people: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give every person a key file of their own, unless it lies here already."""
        self.folder.mkdir(exist_ok=True)
        for person in PEOPLE:
            self.people[person] = self.folder / f"{person}.pem"
            if not self.people[person].exists():
                self.people[person].write_bytes(_private_key(person))

    @property
    def hierarchy(self) -> Path:
        """What the first plan makes."""
        return self.folder / "first-hierarchy"

    @property
    def keys(self) -> Path:
        """The key folder of the service."""
        return self.hierarchy / "keys"

    @property
    def ceremonies(self) -> Ceremonies:
        """Ceremonies over the folder of this room."""
        public = self.hierarchy / "trust"
        return Ceremonies(self.keys, public, lambda: self.now, self.open_token, self.production)

    def plan(self, example: str, **changes: str) -> Path:
        """An example of the manual for today, with the people's keys and the changes put in.

        A change replaces the value of a field of that name (`-` written `_`), or, for `kid`,
        the name of the key.
        """
        text = (EXAMPLES / f"{example}.yaml").read_text()
        text = _PEM.sub(lambda found: self._public_pem(found[1].lower()), text)
        changes = {"date": self.now.date().isoformat()} | changes
        if "kid" in changes:
            text = re.sub(r"(?<=- )[a-z0-9]+-2026-p256-00000000", changes.pop("kid"), text)
        for name, value in changes.items():
            text, count = re.subn(
                rf"(?m)^(\s*{name.replace('_', '-')}:) \S.*$", rf"\1 {value}", text
            )
            assert count, name
        return self.write(text)

    def write(self, text: str) -> Path:
        """A plan of one's own."""
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        path = self.folder / f"plan-{digest}.yaml"
        path.write_text(text)
        return path

    def approve(self, plan: Path, *people: str) -> Path:
        """Let these people sign the plan as it stands."""
        for person in people:
            signature = approve(plan.read_bytes(), self.people[person], lambda: "")
            signature_file(plan, person).write_bytes(signature)
        return plan

    def hold(self, example: str, **changes: str) -> Transcript:
        """Plan, have two people approve, and hold."""
        plan = self.approve(self.plan(example, **changes), "anna", "bram")
        return self.ceremonies.hold(plan)

    def later(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def _public_pem(self, person: str) -> str:
        private = serialization.load_pem_private_key(self.people[person].read_bytes(), None)
        return _indented(private.public_key())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def listed(room: Room) -> TrustList:
    """The published list, proven to lead to the root."""
    data = (room.hierarchy / "trust" / publishing.LIST).read_bytes()
    return trust.read(data, now=room.now, pinned_root=hierarchy.root_of(room.keys))


def newest(room: Room) -> str:
    """The key that was made last."""
    return states.load(room.keys).keys[-1].kid


def seal(room: Room) -> str:
    """The key that seals now."""
    return hierarchy.open_signer(room.keys, "seal").key.kid


def private_parts(folder: Path) -> Iterator[bytes]:
    """The secret of every key file below a folder, in each form in which it could leak."""
    for path in folder.rglob("*.key"):
        private = serialization.load_pem_private_key(path.read_bytes(), None)
        if isinstance(private, ec.EllipticCurvePrivateKey):
            secret = private.private_numbers().private_value
            yield str(secret).encode()
            yield f"{secret:x}".encode()
            yield secret.to_bytes(private.key_size // 8, "big")
        yield from path.read_bytes().split(b"\n")[1:3]  # what follows is the public half


def public_pem_of_kind(kind: str) -> str:
    """A public key that no approver may have, as it stands in a plan."""
    if kind == "rsa":
        return _indented(
            rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        )
    return _indented(ec.generate_private_key(ec.SECP384R1()).public_key())


def _indented(public: PublicKeyTypes) -> str:
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode().strip().replace("\n", "\n      ")


def _private_key(person: str) -> bytes:
    made: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    if person in ED25519:
        made = ed25519.Ed25519PrivateKey.generate()
    else:
        made = ec.generate_private_key(ec.SECP256R1())
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
