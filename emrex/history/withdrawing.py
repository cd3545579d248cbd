"""What a holder tells the receiver after taking a yes back: words to copy, or to send by mail.

We have no address of the receiver, and the receiver no number of the holder's with us. So the
words name what both know: the file by its fingerprint, and when it was sent (emrex.md 6.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the words say, with its moments as that language writes them."""

    receiver: str
    tid: str
    sha256: str
    sent: str
    withdrawn: str


def subject(translate: Translate) -> str:
    """What the message is about."""
    return translate("I take my consent back")


def letter(facts: Facts, translate: Translate) -> str:
    """The message, in one language; nothing in it says who the holder is."""
    lines = (
        translate("To %(receiver)s") % {"receiver": facts.receiver},
        "",
        translate("My study results were sent to you over EMREX. I take my consent to that back."),
        translate("Please delete the file and what you took from it, and tell me when it is done."),
        "",
        translate("Transfer: %(tid)s") % {"tid": facts.tid},
        translate("Fingerprint of the file (SHA-256): %(sha256)s") % {"sha256": facts.sha256},
        translate("Sent: %(moment)s") % {"moment": facts.sent},
        translate("Consent taken back: %(moment)s") % {"moment": facts.withdrawn},
    )
    return "\n".join(lines)


def mail(subject: str, letters: Mapping[str, str]) -> str:
    """A link that opens a message to nobody yet, with every letter in it (RFC 6068)."""
    body = "\n\n----\n\n".join(letters.values()).replace("\n", "\r\n")
    return f"mailto:?subject={quote(subject, safe='')}&body={quote(body, safe='')}"
