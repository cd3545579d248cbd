"""From JSON to evidence (spec/verifier.md 3.5): one layer, one pinned key, or not ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.extract_data import FORMATS, NotExtractData, facts_of, parse
from verifier.jose.envelope import Envelope, OutOfForm, from_compact, from_json, is_signed
from verifier.ourkeys import details_of, read_list, signed_by
from verifier.verdict import Check, CheckName, Evidence, failed, not_done, passed

if TYPE_CHECKING:
    from datetime import datetime

    from keys.trust import KeyEntry, TrustList
    from verifier.verdict import Facts

PURPOSE = "seal"
PAYLOADS: tuple[Callable[[bytes], Facts], ...] = (facts_of,)
"""What a payload of ours can be. A new format is one more line here."""


class JsonReader:
    """Reads JSON objects: signed ones, and the data of an extract that lost its file."""

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """Evidence about the object; anything unforeseen is raised and means CANNOT_CHECK."""
        try:
            members = parse(data.removeprefix(b"\xef\xbb\xbf"))
        except NotExtractData:
            return Evidence((not_done(CheckName.SEAL_PRESENT, "json_malformed"),))
        if is_signed(members):
            return _judged(lambda: from_json(members), trust, now)
        if str(members.get("format")) in FORMATS:
            return Evidence((failed(CheckName.SEAL_PRESENT, "unsigned_data"),))
        return Evidence((not_done(CheckName.SEAL_PRESENT, "unknown_json"),))


class JwsReader:
    """Reads compact JWS."""

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """Evidence about the object; anything unforeseen is raised and means CANNOT_CHECK."""
        return _judged(lambda: from_compact(data.removeprefix(b"\xef\xbb\xbf")), trust, now)


def _judged(take_apart: Callable[[], Envelope], trust: bytes | None, now: datetime) -> Evidence:
    present = passed(CheckName.SEAL_PRESENT, "seal_found")
    try:
        envelope = take_apart()
    except OutOfForm:
        return Evidence((present, failed(CheckName.SEAL_OURS, "jws_form")))
    listed, problem = read_list(trust, now)
    if listed is None:
        return Evidence((present, not_done(CheckName.SEAL_OURS, problem)))
    entry = listed.by_kid(envelope.kid)
    refused = _refusal(envelope, entry)
    if entry is None or refused:
        return Evidence((present, failed(CheckName.SEAL_OURS, refused)), details=details_of(listed))
    return _examined(envelope, entry, listed, now, present)


def _refusal(envelope: Envelope, entry: KeyEntry | None) -> str:
    """Why this is not ours; empty when a key of ours signed it. One layer proves no change."""
    if entry is None:
        return "other_key"
    if "crit" in envelope.header or "b64" in envelope.header:  # we understand no extension
        return "jws_form"
    if envelope.algorithm != entry.algorithm:
        return "algorithm_not_allowed"
    if not signed_by(entry, envelope.signature, envelope.covered):
        return "signature_fails"
    return "" if entry.purpose == PURPOSE else "key_has_other_purpose"


def _examined(
    envelope: Envelope, entry: KeyEntry, listed: TrustList, now: datetime, present: Check
) -> Evidence:
    covered = hashlib.sha256(envelope.covered).hexdigest()
    data, facts = _machine_data(envelope.payload)
    time = CheckName.TIME_STAMP
    good = listed.trusts(entry, now)  # nothing proves when a JWS was made
    return Evidence(
        checks=(
            present,
            passed(CheckName.SEAL_OURS, "key_on_list"),
            passed(CheckName.SEAL_INTACT, "digest_matches"),
            passed(CheckName.NOTHING_ADDED, "nothing_added"),
            passed(time, "key_still_good") if good else failed(time, "no_time_stamp"),
            data,
        ),
        our_signature=True,
        covered_digest=covered,
        document_number=facts.get("number") if facts else None,
        facts=facts,
        details=replace(details_of(listed, entry), covered_sha256=covered),
    )


def _machine_data(payload: bytes) -> tuple[Check, Facts | None]:
    name = CheckName.MACHINE_DATA
    for read in PAYLOADS:
        try:
            return passed(name, "machine_data_read"), read(payload)
        except NotExtractData:
            continue
    return not_done(name, "unknown_json"), None
