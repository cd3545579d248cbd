"""What the validator says, in English; translated where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from emrex.accepting import SignatureVerdict

SIGNATURES: Mapping[SignatureVerdict, str] = {
    SignatureVerdict.VALID: "The signature is right, and of a provider in the registry.",
    SignatureVerdict.VALID_LEGACY: "The signature is right, in an old way of signing.",
    SignatureVerdict.INVALID: "The signature proves nothing.",
    SignatureVerdict.UNSIGNED: "There is no signature in this file.",
}

_CHANGED = "The file was changed after it was signed, or written anew by a program."
_OTHER_FORM = "The signature has a form that EMREX does not use."
_NOT_XML = "The file is not XML as EMREX sends it."
_TOO_MUCH = "The file is larger or deeper than we read."
_NOT_PACKED = "The value is not one gzip file in base64."

REASONS: Mapping[str, str] = {
    "sha1": "It was signed with SHA-1, which no longer protects against forgery.",
    "expired": "The certificate was valid at that time, and is not any more.",
    "not-yet-valid": "The file is older than the certificate that it is signed with.",
    "no-longer-valid": "The certificate was out of date when the file was made.",
    "signer-not-in-registry": "We do not know a provider with this key.",
    "undated": "The certificate has expired, and the file does not say when it was made.",
    "other-key": "The key inside the file is not the key that signed it.",
    "weak-key": "The key is shorter than 2048 bits, so anybody could have forged the signature.",
    "no-signature": "EMREX asks for a signature as the last element of the file.",
    "two-signatures": "There are several signatures, and only one is allowed.",
    "changed": _CHANGED,
    "too_many_signatures": "There are several signatures, and only one is allowed.",
    "canonicalization": _OTHER_FORM,
    "signature_method": _OTHER_FORM,
    "signature_moved": "The signature does not stand at the end of the file.",
    "reference_target": "The signature covers a part of the file only.",
    "digest_method": _OTHER_FORM,
    "transforms": _OTHER_FORM,
    "structure": _OTHER_FORM,
    "comment": "The file holds a comment, which can hide a part of a name.",
    "inclusion": "The file asks for other files to be put into it (XInclude).",
    "doctype": "The file holds a DOCTYPE, which can load other files.",
    "instruction": "The file holds a processing instruction.",
    "encoding": _NOT_XML,
    "malformed": _NOT_XML,
    "not-elmo": "The file is XML, but not ELMO.",
    "too_deep": _TOO_MUCH,
    "too_many_elements": _TOO_MUCH,
    "too_many_attributes": _TOO_MUCH,
    "too-large": _TOO_MUCH,
    "bomb": _TOO_MUCH,
    "not-base64": _NOT_PACKED,
    "not-gzip": _NOT_PACKED,
    "cut-short": _NOT_PACKED,
    "trailing-bytes": _NOT_PACKED,
}
"""By the key of a report."""
