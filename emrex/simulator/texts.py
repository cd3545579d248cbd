"""What the simulator says, in English; translated where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

SENT: Mapping[str, str] = {
    "no-session": "The session id is missing",
    "no-address": "The return address is missing",
    "two-sessions": "The session id is there twice",
    "long-session": "The session id has 256 characters",
    "unsafe-address": "The return address is not https",
    "foreign-address": "The return address is of a stranger",
    "other-form": "The form is of another kind (multipart)",
}
"""Faults in what a client sends."""

RETURNED: Mapping[str, str] = {
    "wrong-session": "The answer is for another session",
    "second-click": "The answer comes a second time",
    "late": "The answer comes too late",
    "other-person": "The client expects another person",
    "two-documents": "A field of the answer is there twice",
    "unknown-code": "The return code is one that nobody knows",
    "no-document": "The document is missing",
    "cut-short": "The document is cut off",
    "not-gzip": "The document is not packed as agreed",
    "not-xml": "The document is not XML",
    "too-large": "The document is larger than 8 MB",
    "more-reports": "A second report was put into the document",
    "tampered": "The name in the document was changed",
}
"""Faults in what comes back."""

REASONS: Mapping[str, str] = {
    "other-session": "The session does not fit: this answer is for another question.",
    "used-session": "No session waits for this answer: it was answered before.",
    "late-session": "The session ended before the answer came. The person has to start again.",
    "other-person": "The document is sound, and it names another person than the one who was "
    "expected. Somebody has to look at it before anything is taken over.",
    "fields": "The answer says the same thing twice, in two ways.",
    "unknown-code": "The answer is not one that we know.",
    "no-document": "The answer says OK, and there is no document in it.",
    "unasked-document": "There is a document in it, and the answer does not say OK.",
}
"""Why a careful client looks no further."""
