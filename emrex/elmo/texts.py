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
    "unknown-kind": "Use one of the types of ELMO, or leave it out: others are passed over.",
}
"""By the id of a rule."""
