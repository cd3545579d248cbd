"""What to do about a broken rule, in English; translated where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

ADVICE: Mapping[str, str] = {
    "not-gzip": "Pack the document with gzip before it goes into base64: others refuse it.",
    "remark": "Leave comments and processing instructions out: others refuse the document.",
    "schema": (
        "It is valid by no published schema. Readers may still understand it; "
        "check it with the schema of your version."
    ),
    "schema-missing": "By the schema something is missing at the end of this element. One of:",
    "schema-misplaced": "The schema does not allow this here. It expects one of:",
    "schema-too-much": "The schema allows nothing more here. Leave it out, or move it.",
    "schema-value": (
        "The schema does not allow this value. Look whether it should be a date, a number or a "
        "word of a list."
    ),
    "schema-attribute": "By the schema an attribute is missing here, or one too many is there.",
    "missing-element": "Add what ELMO requires here:",
    "order": "Keep the order of ELMO. This stands too late, it belongs before:",
    "not-a-date": "Write a day as 2026-11-21 and a moment as 2026-11-21T13:00:00Z.",
    "ects-twice": (
        "Give ECTS credits either for the whole or for its parts, or they are counted twice."
    ),
    "nesting": "Nest in this order: Degree Programme, Module, Course, Class.",
    "dangling-ref": "Refer only to attachments that have this internal identifier.",
    "unknown-scheme": "Describe every grading scheme in the report that refers to it.",
    "local-id-twice": "Give every opportunity of an issuer an identifier of its own.",
    "unknown-group": "Describe every group that an instance refers to.",
    "empty-element": "Leave an element out where there is nothing to say.",
    "title-language": "Say with xml:lang in which language a title is.",
    "not-a-data-uri": "Write the content of an attachment as data:application/pdf;base64,…",
    "not-a-pdf": "Attach PDF; other files may be ignored.",
    "term-elsewhere": "Give an academic term on courses only.",
    "report-empty": "This report holds no results.",
    "report-twice": "Put everything of one institution in one report.",
    "unknown-value": "Use one of the words of ELMO here; no other is understood.",
    "hash-differs": "Make this hash of what is sent: it is not that of the XML or of the file.",
    "unknown-kind": "Use one of the types of ELMO, or leave it out: others are passed over.",
}
"""By the id of a rule."""
