"""From the bytes of an XML document to evidence, judged by the trust list alone.

The order: is there a signature; is it ours (positive evidence: our key verifiably signed
its SignedInfo); does it stand where it must; is the document what was signed; what does
that document say. Certificates in the document are compared and never trusted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from verifier import imitation
from verifier.ourkeys import details_of, public_key, read_list
from verifier.verdict import Check, CheckName, Evidence, failed, not_done, passed
from verifier.xml import abroad, elmo
from xmlsig import parsing, profile, verifying
from xmlsig.errors import NotRead, OutOfProfile

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.etree import _Element, _ElementTree

    from keys.trust import KeyEntry, TrustList
    from verifier.ports import Provider
    from verifier.verdict import Facts
    from xmlsig.profile import SignedInfo

PURPOSE = "emrex"
"""What the trust list calls keys that sign ELMO."""
PINNED = {"RS256": "sha256"}
"""Hash of a signature by a key of that algorithm."""
_NOT_VERIFIABLE = "signature_method"


@dataclass(frozen=True, slots=True)
class XmlReader:
    """Reads XML documents that may or may not be ours."""

    providers: tuple[Provider, ...] = ()
    """Who abroad signs results that are told from those of nobody."""

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """Evidence about the document; anything unforeseen is raised and means CANNOT_CHECK."""
        try:
            tree = parsing.parse(data)
            found = profile.signatures(tree)
        except (NotRead, OutOfProfile) as refusal:
            return Evidence((not_done(CheckName.SEAL_PRESENT, f"xml_{refusal.reason}"),))
        if not found:
            return Evidence((_no_signature(tree),))
        present = passed(CheckName.SEAL_PRESENT, "seal_found")
        listed, problem = read_list(trust, now)
        if listed is None:
            return Evidence((present, not_done(CheckName.SEAL_OURS, problem)))
        return _judge(found, listed, now, present, self.providers)


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature whose SignedInfo a key of the list verifiably signed."""

    signature: _Element
    info: SignedInfo
    entry: KeyEntry


def _no_signature(tree: _ElementTree) -> Check:
    if elmo.is_elmo(tree.getroot()):
        return failed(CheckName.SEAL_PRESENT, "no_seal")
    return not_done(CheckName.SEAL_PRESENT, "unknown_xml")


def _judge(
    found: tuple[_Element, ...],
    listed: TrustList,
    now: datetime,
    present: Check,
    providers: tuple[Provider, ...],
) -> Evidence:
    claim = _our_claim(found, listed)
    if claim is None:
        return _of_a_provider(found, listed, present, providers) or _foreign(found, listed, present)
    if claim.entry.purpose != PURPOSE:
        return Evidence((present, failed(CheckName.SEAL_OURS, "key_has_other_purpose")))
    if PINNED.get(claim.entry.algorithm) != claim.info.hash_name:
        return Evidence((present, failed(CheckName.SEAL_OURS, "algorithm_not_allowed")))
    return _examined(claim, found, listed, now, present)


def _our_claim(found: tuple[_Element, ...], listed: TrustList) -> Claim | None:
    """A signature of ours, wherever it stands; keys made for this purpose are tried first."""
    keys = sorted(listed.keys, key=lambda entry: entry.purpose != PURPOSE)
    public = [(entry, public_key(entry)) for entry in keys if entry.algorithm in PINNED]
    for signature in found:
        info = _info(signature)
        for entry, key in public if info is not None else ():
            if info is not None and verifying.is_signed_by(info, key):
                return Claim(signature, info, entry)
    return None


def _info(signature: _Element) -> SignedInfo | None:
    try:
        return profile.signed_info(signature)
    except OutOfProfile:
        return None


def _of_a_provider(
    found: tuple[_Element, ...],
    listed: TrustList,
    present: Check,
    providers: tuple[Provider, ...],
) -> Evidence | None:
    """A signature by a key of the registry of EMREX: not ours, and not of nobody either."""
    signature = _leading(found)
    info = None if signature is None else _info(signature)
    if signature is None or info is None:
        return None
    signer = abroad.signer_of(info, providers)
    if signer is None:
        return None
    is_alone = not _beside(signature, found) and not profile.holds_more(signature)
    reason = abroad.worth(signature, signer) if is_alone else abroad.CHANGED
    return Evidence(
        (present, failed(CheckName.SEAL_OURS, reason)),
        flags=_age(signature, info),
        details=replace(details_of(listed), provider=signer.provider.name),
    )


def _beside(signature: _Element, found: tuple[_Element, ...]) -> list[_Element]:
    """Other signatures, but for those that a diploma supplement may have."""
    return [one for one in found if one is not signature and not elmo.is_in_supplement(one)]


def _foreign(found: tuple[_Element, ...], listed: TrustList, present: Check) -> Evidence:
    """Nobody's signature on our list; one that is broken even by its own word proves nothing."""
    name = CheckName.SEAL_OURS
    signature = _leading(found)
    if signature is None:  # only the signature of a supplement: the whole has none
        return Evidence((failed(CheckName.SEAL_PRESENT, "no_seal"),))
    try:
        info = profile.signed_info(signature)
    except OutOfProfile as refusal:
        if refusal.reason == _NOT_VERIFIABLE:  # not an algorithm that a key of ours is for
            return Evidence((present, failed(name, "algorithm_not_allowed")))
        return Evidence((present, not_done(name, "xml_signature_form")))
    signer = next((der for der in info.certificates if _signed_with(info, der)), None)
    if signer is None:
        return Evidence((present, not_done(name, "seal_damaged")))
    if listed.issued(signer):  # an honest document, and a list that is too old
        return Evidence((present, not_done(name, "key_not_on_list_yet")))
    flags: tuple[str, ...] = ("imitation",) if imitation.imitates_us(signer, "", listed) else ()
    checks = (present, failed(name, "other_key"))
    return Evidence(checks, flags=flags + _age(signature, info), details=details_of(listed))


def _age(signature: _Element, info: SignedInfo) -> tuple[str, ...]:
    """A flag where SHA-1 stands in either place; a reference of another form tells nothing."""
    try:
        is_old = verifying.is_legacy(info, profile.reference(signature))
    except OutOfProfile:
        is_old = info.hash_name == verifying.LEGACY
    return ("legacy_signature",) if is_old else ()


def _leading(found: tuple[_Element, ...]) -> _Element | None:
    """The signature of the whole; else one that stands where none may stand."""
    root = found[0].getroottree().getroot()
    ranked = sorted(found, key=lambda one: one.getparent() is not root)
    return next((one for one in ranked if not elmo.is_in_supplement(one)), None)


def _signed_with(info: SignedInfo, der: bytes) -> bool:
    return verifying.is_signed_by(info, verifying.key_in(der))


def _examined(
    claim: Claim,
    found: tuple[_Element, ...],
    listed: TrustList,
    now: datetime,
    present: Check,
) -> Evidence:
    """What a verified signature of ours is worth over this document."""
    ours = passed(CheckName.SEAL_OURS, "key_on_list")
    added, document, intact = _content(claim, found)
    data, facts = _machine_data(document)
    covered = None if document is None else hashlib.sha256(document).hexdigest()
    return Evidence(
        checks=(present, ours, intact, added, _time(claim, listed, now), data),
        our_signature=True,
        covered_digest=covered,
        facts=facts,
        details=replace(details_of(listed, claim.entry), covered_sha256=covered),
    )


def _content(claim: Claim, found: tuple[_Element, ...]) -> tuple[Check, bytes | None, Check]:
    """Whether nothing stands beside the signed document, that document, and its digest."""
    added, intact = CheckName.NOTHING_ADDED, CheckName.SEAL_INTACT
    root = claim.signature.getroottree().getroot()
    moved = claim.signature.getparent() is not root
    if _beside(claim.signature, found) or moved or profile.holds_more(claim.signature):
        return failed(added, "signature_moved"), None, not_done(intact, "not_reached")
    try:
        reference = profile.reference(claim.signature)
    except OutOfProfile:  # our own key signed that form: strange, but nobody changed it
        unknown = "xml_signature_form"
        return not_done(added, unknown), None, not_done(intact, unknown)
    document = verifying.verified_document(claim.signature, reference)
    if document is None:
        return not_done(added, "not_reached"), None, failed(intact, "digest_differs")
    if verifying.is_legacy(claim.info, reference):
        return not_done(added, "xml_signature_form"), None, not_done(intact, "legacy_digest")
    return passed(added, "nothing_added"), document, passed(intact, "digest_matches")


def _time(claim: Claim, listed: TrustList, now: datetime) -> Check:
    """XML signatures of this profile carry no proven time: the key must be in order to this day."""
    if listed.trusts(claim.entry, now):
        return passed(CheckName.TIME_STAMP, "key_still_good")
    return failed(CheckName.TIME_STAMP, "no_time_stamp")


def _machine_data(document: bytes | None) -> tuple[Check, Facts | None]:
    """Facts out of the verified octets themselves, parsed anew."""
    name = CheckName.MACHINE_DATA
    if document is None:
        return not_done(name, "not_reached"), None
    root = parsing.parse(document).getroot()
    if not elmo.is_elmo(root):
        return not_done(name, "unknown_xml"), None
    return passed(name, "machine_data_read"), elmo.facts_of(root)
