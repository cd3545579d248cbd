"""Two people approve a plan: each signs its exact bytes with a key of their own.

A signature file stands beside the plan, `PLAN.<id>.sig`, and holds nothing but the
signature, so that any tool makes and checks one:

    openssl dgst -sha256 -sign own.pem -out PLAN.a.sig PLAN          (P-256)
    openssl pkeyutl -sign -rawin -inkey own.pem -in PLAN -out ...    (Ed25519)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys.ceremony.plan import Plan
from keys.ceremony.telling import shown
from keys.errors import CeremonyRefused, KeyUnavailable
from keys.roster import APPROVALS, Approver

MAX_SIGNATURE = 1024
MAX_KEY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's valid signature on a plan."""

    approver: Approver
    signature: bytes


def signature_file(plan_file: Path, approver: str) -> Path:
    """Where the approval of a person stands."""
    return plan_file.with_name(f"{plan_file.name}.{approver}.sig")


def collect(plan: Plan, plan_file: Path, roster: tuple[Approver, ...]) -> tuple[Approval, ...]:
    """Every approval beside the plan, at least two, each of another person on the roster.

    Raises:
        CeremonyRefused: too few, or one that does not belong to these bytes.
    """
    found = tuple(
        Approval(approver, signature)
        for approver in roster
        if (signature := _signature(signature_file(plan_file, approver.id))) is not None
    )
    for approval in found:
        if not approval.approver.approved(plan.source, approval.signature):
            raise CeremonyRefused(
                f"The approval of {approval.approver.id} is not of this plan as it stands, or not "
                "by the key on the roster: have it approved anew."
            )
    if len(found) < APPROVALS:
        who = ", ".join(one.id for one in roster) or "nobody: no ceremony made this hierarchy"
        raise CeremonyRefused(
            f"The plan has {len(found)} of {APPROVALS} approvals. On the roster: {who}."
        )
    return found


def approve(source: bytes, key_file: Path, ask: Callable[[], str]) -> bytes:
    """Sign the exact bytes of a plan with an approver's private key; `ask` gives its password.

    Raises:
        KeyUnavailable: no such file, a wrong password, or not a key of an approver.
    """
    private = _private(key_file, ask)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(source, ec.ECDSA(hashes.SHA256()))
    return private.sign(source)


def _private(
    key_file: Path, ask: Callable[[], str]
) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    pem = _read(key_file)
    password = ask().encode() if b"ENCRYPTED" in pem else None
    try:
        found = serialization.load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The library's message could quote the file: cut the chain of causes here.
        raise KeyUnavailable("The key cannot be opened: wrong file or wrong password.") from None
    if isinstance(found, ec.EllipticCurvePrivateKey) and isinstance(found.curve, ec.SECP256R1):
        return found
    if isinstance(found, ed25519.Ed25519PrivateKey):
        return found
    raise KeyUnavailable("An approver's key is P-256 or Ed25519.")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_KEY)
    except OSError as cause:
        raise KeyUnavailable(f"{shown(path.name)} cannot be read ({cause.strerror}).") from cause


def _signature(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(MAX_SIGNATURE)
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise KeyUnavailable(f"{shown(path.name)} cannot be read ({cause.strerror}).") from cause
