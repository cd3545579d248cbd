"""The account of a ceremony: what was approved, by whom, what was done, what came out.

Canonical JSON in the envelope of the trust list (flattened JWS, ES256), with another
`typ`, signed by the trust key that is in use after the ceremony. It holds the plan and
the approvals whole, so it can be judged with the root certificate alone, years later.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata

from keys import chains, jws, moments, publishing, trust
from keys.ceremony.approvals import Approval
from keys.ceremony.plan import Plan, read_plan
from keys.custody import SealSigner
from keys.errors import CeremonyInvalid, TranscriptInvalid, TrustListInvalid
from keys.roster import APPROVALS, Approver, approver_of, member_of, problem_of
from keys.states import KeyBook

TYPE = "echt-ceremony+jws"
FORMAT, VERSION = "echt-ceremony", 1
KEY_MATERIAL = ("root", "keys.kid", "keys.certificateSha256", "artefacts.file", "artefacts.sha256")
"""Members that differ between two rehearsals of one plan at one time; all others are equal."""
_MEMBERS = {
    *("format", "version", "name", "kind", "date", "heldAt", "tool", "plan", "planSha256"),
    *("approvals", "steps", "keys", "artefacts", "root"),
}


@dataclass(slots=True)
class Account:
    """What happens during a ceremony, written down while it happens."""

    plan: Plan
    approvals: tuple[Approval, ...]
    now: datetime
    steps: list[dict[str, object]] = field(default_factory=list)
    artefacts: list[dict[str, object]] = field(default_factory=list)

    def note(self, what: str, **details: object) -> None:
        """One step that was taken."""
        self.steps.append({"what": what, **details})

    def file(self, what: str, name: str, data: bytes) -> None:
        """One file that came out, by its digest. Never a private key."""
        digest = hashlib.sha256(data).hexdigest()
        self.artefacts.append({"what": what, "file": name, "sha256": digest})


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript whose signature and approvals hold."""

    plan: Plan
    held_at: datetime
    approvers: tuple[Approver, ...]
    root: bytes
    """The root certificate in DER that it leads to."""
    payload: Mapping[str, object]
    data: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, as hex."""
        return hashlib.sha256(self.data).hexdigest()


def write_transcript(account: Account, book: KeyBook, signer: SealSigner) -> bytes:
    """Sign the account of a ceremony that leaves this key book, and read it back."""
    plan = account.plan
    payload: dict[str, object] = {
        "format": FORMAT,
        "version": VERSION,
        "name": plan.name,
        "kind": plan.kind,
        "date": plan.day.isoformat(),
        "heldAt": moments.written(account.now),
        "tool": f"echt {metadata.version('echt')}",
        "plan": plan.source.decode(),
        "planSha256": plan.sha256,
        "approvals": [_approval(one) for one in account.approvals],
        "steps": account.steps,
        "keys": [key_member(one) for one in book.keys],
        "artefacts": account.artefacts,
        "root": base64.b64encode(signer.chain[-1]).decode(),
    }
    data = publishing.signed(payload, signer, kind=TYPE)
    read_transcript(data, pinned_root=signer.chain[-1])
    return data


def read_transcript(data: bytes, *, pinned_root: bytes | None = None) -> Transcript:
    """Prove that a transcript is whole, signed by a trust key, and of an approved plan.

    Without `pinned_root` it is judged by the root that it names itself: compare that.

    Raises:
        TranscriptInvalid: changed, signed by another, or not approved by two people.
    """
    try:
        envelope = jws.open_envelope(data, kind=TYPE)
        payload = jws.parse(envelope.payload)
        if set(payload) != _MEMBERS or (payload["format"], payload["version"]) != (FORMAT, VERSION):
            raise TranscriptInvalid("The file is not a transcript of a ceremony.")
        root = jws.certificates([payload["root"]])[0]
        if pinned_root is not None and root != pinned_root:
            raise TranscriptInvalid("The transcript leads to another root than the one you hold.")
        held_at = _moment(payload["heldAt"])
        path = chains.path_of(envelope.chain, roots=(root,), at=held_at)
        if chains.only_purpose(path[0]) != chains.TRUST_LIST_SIGNING:
            raise TranscriptInvalid("The transcript is signed by a key that has another purpose.")
        jws.verify(envelope, path[0])
        plan = _plan(payload)
        return Transcript(plan, held_at, _approvers(plan, payload), root, payload, data)
    except (TrustListInvalid, CeremonyInvalid, ValueError, KeyError, TypeError) as cause:
        raise TranscriptInvalid(
            "The transcript is damaged, changed, or not signed by us."
        ) from cause


def _approval(approval: Approval) -> dict[str, object]:
    signature = base64.b64encode(approval.signature).decode()
    return member_of(approval.approver) | {"signature": signature}


def key_member(entry: trust.KeyEntry) -> dict[str, object]:
    """Write one key as a transcript states it."""
    member = {k: v for k, v in trust.member_of(entry).items() if k != "certificates"}
    return member | {"certificateSha256": hashlib.sha256(entry.certificates[0]).hexdigest()}


def _plan(payload: Mapping[str, object]) -> Plan:
    plan = read_plan(jws.text(payload["plan"]).encode())
    stated = tuple(payload[name] for name in ("name", "kind", "date", "planSha256"))
    if stated != (plan.name, plan.kind, plan.day.isoformat(), plan.sha256):
        raise TranscriptInvalid("The transcript contradicts the plan in it.")
    return plan


def _approvers(plan: Plan, payload: Mapping[str, object]) -> tuple[Approver, ...]:
    approvals = payload["approvals"]
    if not isinstance(approvals, list) or len(approvals) < APPROVALS:
        raise TranscriptInvalid("The transcript names fewer than two approvers.")
    approvers = tuple(approver_of(one) for one in approvals)
    signatures = [base64.b64decode(jws.text(one["signature"]), validate=True) for one in approvals]
    signed = zip(approvers, signatures, strict=True)
    if problem_of(approvers) or not all(who.approved(plan.source, what) for who, what in signed):
        raise TranscriptInvalid("An approval in the transcript does not belong to its plan.")
    return approvers


def _moment(value: object) -> datetime:
    return moments.parse(jws.text(value))
