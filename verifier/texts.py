"""What people read: fixed words per verdict, one sentence why, one what to do next.

English sentences are the keys of the catalogues in `locales/`. At most 25 words each,
B1. Nothing here says "forged": a sentence is about the file, never about a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.verdict import Check, CheckName, CheckResult, VerdictCode, Way

if TYPE_CHECKING:
    from verifier.verdict import Verdict

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one verdict, in English."""

    title: str
    why: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Sentences:
    """What one check says of itself, by what came of it."""

    passed: str
    failed: str
    not_done: str


WORDS: Mapping[VerdictCode, Words] = {
    VerdictCode.GENUINE_CURRENT: Words(
        "Genuine and up to date",
        "We issued this file and nothing in it has changed.",
        "Now compare the name and date of birth with the person.",
    ),
    VerdictCode.GENUINE_STATUS_UNKNOWN: Words(
        "Genuine when issued; status cannot be checked now",
        "The seal is right. Whether the document still holds today, nobody could tell us just now.",
        "Try again later, with an internet connection. Your file has not been rejected.",
    ),
    VerdictCode.SUPERSEDED: Words(
        "Genuine but replaced. Ask for a new extract",
        "We issued this file, but the facts in the register have been updated since.",
        "Ask the candidate to download a new extract. That costs nothing and takes a minute.",
    ),
    VerdictCode.WITHDRAWN: Words(
        "Withdrawn. Do not use",
        "This document was issued by us, and it has been withdrawn since.",
        "Do not use this file. Ask the candidate for a new extract.",
    ),
    VerdictCode.ALTERED: Words(
        "Changed after issue",
        "The content of this file is not what we sealed. "
        "This can also happen when a program saved the file again.",
        "Do not use this file. Ask the candidate for a new download.",
    ),
    VerdictCode.NOT_OURS: Words(
        "Not issued by us",
        "There is a seal in this file, but it is not ours.",
        "Ask whoever made the file to check it, or ask the candidate for our extract.",
    ),
    VerdictCode.NOT_ORIGINAL: Words(
        "Not the original file. This says nothing about the diploma",
        "The seal is missing. A scan, a print or a copy has none.",
        "Ask the candidate for the file itself. The message is ready below.",
    ),
    VerdictCode.QR_GENUINE_COMPARE: Words(
        "QR code is genuine. Compare these facts with the paper",
        "We signed the facts in this QR code.",
        "Compare every line with the paper. One difference means: do not use the paper.",
    ),
    VerdictCode.SHARE_ENDED: Words(
        "This link has ended",
        "The candidate or the calendar ended this link. That says nothing about the diploma.",
        "Ask the candidate for a new link.",
    ),
    VerdictCode.CANNOT_CHECK: Words(
        "We could not check this file. This is not a rejection",
        "The file is damaged, or of a kind that we cannot read.",
        "Ask the candidate for the file again, exactly as it was downloaded.",
    ),
}

BY_FINGERPRINT: Mapping[VerdictCode, str] = {
    VerdictCode.GENUINE_CURRENT: WORDS[VerdictCode.GENUINE_CURRENT].why,
    VerdictCode.GENUINE_STATUS_UNKNOWN: (
        "We issued this file. Whether it still holds today, nobody could tell us just now."
    ),
    VerdictCode.SUPERSEDED: WORDS[VerdictCode.SUPERSEDED].why,
    VerdictCode.WITHDRAWN: WORDS[VerdictCode.WITHDRAWN].why,
}
"""Sentences why, where a browser compared the fingerprint of a file and nothing more."""

WHY_BY_REASON: Mapping[str, str] = {
    "empty": "The file is empty.",
    "too_large": "The file is larger than 10 MB. Our documents are never that large.",
    "unknown_type": "This is not a kind of file that we issue.",
    "zip": "This is a ZIP file. Take the documents out and check them one by one.",
    "zip_damaged": "This ZIP is damaged.",
    "zip_too_large": "This ZIP is larger than we open.",
    "zip_too_many": "There are more files in this ZIP than we open.",
    "zip_too_much": "There is more in this ZIP than we unpack.",
    "unpacks_too_large": "Far too much comes out of this packed file, so we stopped.",
    "unknown_xml": "This is an XML file, but not of a kind that we issue.",
    "xml_malformed": "This XML file is damaged.",
    "xml_encoding": "This XML file is written in letters that we do not use.",
    "xml_doctype": "This XML file holds instructions that our files never have.",
    "xml_comment": "This XML file holds remarks that our files never have.",
    "xml_instruction": "This XML file holds instructions that our files never have.",
    "xml_too_deep": "This XML file is built in a way that our files never are.",
    "xml_too_many_elements": "This XML file is built in a way that our files never are.",
    "xml_too_many_attributes": "This XML file is built in a way that our files never are.",
    "xml_too_many_signatures": "This XML file is built in a way that our files never are.",
    "xml_signature_form": "The seal in this XML file has a form that we do not use.",
    "unknown_json": "This is a file with data, but not of a kind that we issue.",
    "json_malformed": "This file with data is damaged.",
    "fingerprint_not_known": "We do not know this fingerprint. Send us the file itself.",
    "not_a_fingerprint": "This is not the fingerprint of a file (SHA-256).",
    "code_newer": "The facts in this QR code are of a newer kind than we know here.",
    "key_compromised": "The key behind this QR code is no longer safe. Ask for a new extract.",
    "time_does_not_fit": "The time in this QR code does not fit the key that signed it.",
    "share_open": "This link still works. Open it to see the document.",
    "shares_not_here": "Links of candidates cannot be checked here. Open the link itself.",
    "shares_unavailable": "We cannot look this link up right now. Please try again in a minute.",
    "encrypted": "The file has a password. That is why we cannot read it.",
    "too_many_pages": "The file has more than 20 pages. Our documents never have that many.",
    "too_slow": "Reading this file took too long, so we stopped.",
    "busy": "Many people are checking files right now. Please try again in a minute.",
    "no_trust_list": "We do not have the list of our own keys at hand.",
    "trust_list_invalid": "The list of keys on this computer is damaged or not ours.",
    "trust_list_expired": "The list of keys on this computer is too old. Fetch a new one.",
    "key_not_on_list_yet": "The seal is newer than the list of keys here. Fetch a new list.",
    "seal_damaged": "The seal in this file is damaged. That can happen on the way.",
    "no_time_stamp": "The seal does not tell when it was made, and its key is no longer in use.",
    "time_stamp_not_ours": "The time-stamp comes from an authority that is not on the list here.",
    "time_stamp_key_not_trusted": "The time-stamp no longer proves when the seal was made.",
    "time_stamp_from_the_future": "The time-stamps contradict each other or this computer's clock.",
    "archive_data_unknown": "Data for the archive in this file is damaged, or newer than our list.",
}
"""A more exact sentence why, where a check could not be made for a known reason."""

WHY_NOT_ORIGINAL: Mapping[str, str] = {
    "picture": "This is a picture. A screenshot, photo or scan has no seal.",
    "unsigned_data": "These are the data for computers out of an extract. "
    "Alone they carry no seal.",
}
"""A more exact sentence what it is instead; what is in a picture of it is no reason."""

WHY_NOT_OURS: Mapping[str, str] = {
    "other_address": "The address in this QR code is not ours.",
    "no_facts": "There are no facts in this QR code.",
    "code_damaged": "This QR code has our address, but it was not made by us, or it is damaged.",
    "code_other_key": "This QR code has our form, but it was not signed with a key of ours.",
    "code_signature_fails": "The facts in this QR code are not the facts that we signed.",
    "jws_form": "These signed data have a form that we never use.",
    "signature_fails": "The signature does not fit these data, so they are not ours.",
    "emrex_provider": "A provider abroad signed these results, and nothing in them has changed.",
    "emrex_provider_changed": (
        "A provider abroad signed this file, and it was changed afterwards. "
        "A program that saves it again does that too."
    ),
    "emrex_provider_out_of_date": (
        "This has a provider's signature from abroad, with a certificate that did not hold then."
    ),
}
"""A more exact sentence why something is not ours."""

NEXT_BY_REASON: Mapping[str, str] = dict.fromkeys(
    ("emrex_provider", "emrex_provider_changed", "emrex_provider_out_of_date"),
    "Let the candidate send it to you through the provider itself. "
    "See: a diploma from abroad, on the page where you check a diploma.",
)
"""What to do, where a reason knows better than the verdict."""

OF_CODE: Mapping[VerdictCode, Words] = {
    VerdictCode.GENUINE_STATUS_UNKNOWN: Words(
        WORDS[VerdictCode.GENUINE_STATUS_UNKNOWN].title,
        "We signed the facts in this QR code. Whether they hold today, nobody could tell us.",
        "Compare every line with the paper. Try again later, with an internet connection.",
    ),
    VerdictCode.SUPERSEDED: Words(
        WORDS[VerdictCode.SUPERSEDED].title,
        "We signed this QR code, but the facts in the register have been updated since.",
        WORDS[VerdictCode.SUPERSEDED].next_step,
    ),
    VerdictCode.WITHDRAWN: Words(
        WORDS[VerdictCode.WITHDRAWN].title,
        "The document with this QR code was issued by us, and it has been withdrawn since.",
        "Do not use this paper. Ask the candidate for a new extract.",
    ),
    VerdictCode.NOT_OURS: Words(
        WORDS[VerdictCode.NOT_OURS].title,
        "We did not make this QR code.",
        "Do not rely on the paper. Ask the candidate for the file of our extract.",
    ),
    VerdictCode.CANNOT_CHECK: Words(
        WORDS[VerdictCode.CANNOT_CHECK].title,
        "This QR code cannot be checked right now.",
        "Ask the candidate for the file of the extract.",
    ),
}
"""Words for a QR code by itself, where those for a file would not be true."""

CHECKS: Mapping[CheckName, Sentences] = {
    CheckName.SHARE: Sentences(
        "The link of the candidate still works.",
        "The link of the candidate has ended.",
        "Whether the link still works: not asked.",
    ),
    CheckName.FILE_TYPE: Sentences(
        "We can read this kind of file, and its size is normal.",
        "We cannot read this kind of file.",
        "What kind of file this is: we cannot tell.",
    ),
    CheckName.KNOWN_BYTES: Sentences(
        "We know this file. Every character is the same.",
        "We do not know exactly this copy.",
        "We did not compare it with the files we issued.",
    ),
    CheckName.CODE_ADDRESS: Sentences(
        "The QR code names exactly our address.",
        "The QR code names another address.",
        "The address in the QR code: not read.",
    ),
    CheckName.CODE_SIGNED: Sentences(
        "We signed the facts in the QR code.",
        "We did not sign what is in the QR code.",
        "Who signed the QR code: not looked at.",
    ),
    CheckName.SEAL_PRESENT: Sentences(
        "There is a seal in this file.",
        "There is no seal in this file.",
        "The seal: we could not open the file.",
    ),
    CheckName.SEAL_OURS: Sentences(
        "The seal is ours.",
        "The seal was not made with a key of ours.",
        "Whose seal it is: not looked at.",
    ),
    CheckName.SEAL_INTACT: Sentences(
        "The seal fits the content.",
        "The seal no longer fits the content.",
        "Whether the seal fits the content: not looked at.",
    ),
    CheckName.NOTHING_ADDED: Sentences(
        "Nothing was added after sealing.",
        "Something was added or moved after sealing.",
        "Whether something was added: not looked at.",
    ),
    CheckName.TIME_STAMP: Sentences(
        "The time of sealing is confirmed.",
        "The time of sealing is not confirmed.",
        "The time of sealing: not looked at.",
    ),
    CheckName.MACHINE_DATA: Sentences(
        "The data for computers in the file is complete.",
        "The data for computers differs from the page.",
        "The data for computers: not read.",
    ),
    CheckName.STATUS: Sentences(
        "The document is still valid in the register today.",
        "The document is no longer valid in the register.",
        "Today's status in the register: not asked.",
    ),
}

PASSED_BY_REASON: Mapping[str, str] = {
    "from_our_record": "The facts on this page come from our own record of this file.",
    "key_still_good": "The seal has no time-stamp, but its key is in order to this day.",
    "pdf": "This is a PDF file of a normal size.",
    "xml": "This is an XML file of a normal size.",
    "json": "This is a file with data, of a normal size.",
    "jws": "These are signed data, of a normal size.",
    "gzip": "This is a packed file of a normal size.",
    "base64": "This is a file written in letters, of a normal size.",
    "picture": "This is a picture of a normal size.",
    "code": "This is the text of a QR code.",
    "fingerprint": "This is the fingerprint of a file. We did not see the file itself.",
}
"""A more exact sentence where a check was good on other grounds than usual."""

NOT_DONE_BY_REASON: Mapping[str, str] = {
    "status_unavailable": "Today's status in the register: nobody could tell us just now.",
}
"""A more exact sentence where a check was tried and nobody could answer."""

RESULT_WORDS: Mapping[CheckResult, str] = {
    CheckResult.PASS: "Good",
    CheckResult.FAIL: "Not good",
    CheckResult.NOT_DONE: "Not done",
}
NOT_FOUND = "Not found"

FLAGS: Mapping[str, str] = {
    "imitation": "This seal carries a name that looks like ours. Do not rely on the file.",
    "archive_missing": "Data for the archive is missing from this copy. That does no harm.",
    "lookalike_host": "The address in the QR code looks like ours and is not. Do not open it.",
    "lookalike_code": "The QR code claims to be ours and is not. Do not rely on the paper.",
    "scan_the_code": "The QR code in this picture is ours. Scan the code itself on the paper.",
    "legacy_signature": "The seal was made by an old method that is no longer safe (SHA-1).",
    "seal_not_recorded": "We have no record of this document. Ask us before you rely on it.",
}

OURS = frozenset(
    {"no_trust_list", "trust_list_invalid", "trust_list_expired", "busy", "key_not_on_list_yet"}
)
"""Reasons that are about this computer: they say nothing of the file or of its sender."""


def is_about_this_computer(verdict: Verdict) -> bool:
    """Whether nothing was found out because of something here, and not in the file."""
    return verdict.code is VerdictCode.CANNOT_CHECK and not OURS.isdisjoint(verdict.reasons)


def words(verdict: Verdict) -> Words:
    """The words of this verdict, for what was handed over, as exact as the reasons allow."""
    said = WORDS[verdict.code]
    if verdict.way is Way.CODE:
        said = OF_CODE.get(verdict.code, said)
    better = next((NEXT_BY_REASON[one] for one in verdict.reasons if one in NEXT_BY_REASON), "")
    return Words(said.title, _exactly(verdict) or said.why, better or said.next_step)


def why(verdict: Verdict) -> str:
    """The sentence that says why."""
    return words(verdict).why


def _exactly(verdict: Verdict) -> str:
    by_reason = {
        VerdictCode.CANNOT_CHECK: WHY_BY_REASON,
        VerdictCode.NOT_ORIGINAL: WHY_NOT_ORIGINAL,
        VerdictCode.NOT_OURS: WHY_NOT_OURS,
    }.get(verdict.code, {})
    return next((by_reason[one] for one in verdict.reasons if one in by_reason), "")


def sentence(check: Check) -> str:
    """What this check says of itself."""
    said = CHECKS[check.name]
    by_result = {
        CheckResult.PASS: PASSED_BY_REASON.get(check.reason, said.passed),
        CheckResult.FAIL: said.failed,
        CheckResult.NOT_DONE: NOT_DONE_BY_REASON.get(check.reason, said.not_done),
    }
    return by_result[check.result]


def result_word(check: Check) -> str:
    """Good, Not good or Not done; what is merely absent is "Not found", never red."""
    return NOT_FOUND if is_merely_absent(check) else RESULT_WORDS[check.result]


def is_merely_absent(check: Check) -> bool:
    """Whether a fail says only that something was not there."""
    absent = {CheckName.SEAL_PRESENT, CheckName.KNOWN_BYTES}
    return check.result is CheckResult.FAIL and check.name in absent


EXPERT: Mapping[str, str] = {
    "file_sha256": "SHA-256 of the file",
    "covered_sha256": "SHA-256 of what the seal covers",
    "signature_algorithm": "Algorithm of the signature",
    "key_id": "Our key",
    "key_subject": "Certificate of our key",
    "time_stamped_at": "Moment of the time-stamp",
    "time_stamp_authority": "Key of the time-stamp",
    "trust_list_serial": "Number of the trust list",
    "trust_list_issued_at": "Date of the trust list",
    "status_checked_at": "Status asked",
    "provider": "Provider abroad",
}
"""Names of what an expert asks for, by the field of `Details`."""
