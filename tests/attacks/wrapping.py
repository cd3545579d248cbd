"""F13: a signed ELMO put together so that what is read is not what was signed.

Each takes a genuine document apart and puts it together again, `_evil` facts included.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.verifier import elmo
from tests.verifier.elmo import DS, ENVELOPED

FORGED = "Mallory"


def taken_apart(signed: bytes) -> tuple[str, str, str]:
    """Head, content and signature of a genuine document."""
    text = signed.decode()
    form = r"(.*?<elmo [^>]*>)(.*?)(<Signature .*</Signature>)</elmo>\s*"
    found = re.fullmatch(form, text, re.DOTALL)
    assert found is not None
    return found[1], found[2], found[3]


def _evil(content: str) -> str:
    return content.replace("Noor", FORGED).replace("Nursing", "Surgery")


def _root(head: str) -> str:
    """The start tag without the declaration."""
    return head.partition("?>")[2]


def _signed_in_object(head: str, content: str, signature: str) -> str:
    inner = f'<Object xmlns="{DS}">{_root(head)}{content}</elmo></Object></Signature>'
    return _of(head, _evil(content), signature.replace("</Signature>", inner))


def _of(head: str, *parts: str) -> str:
    return "".join((head, *parts, "</elmo>"))


def _by_id(signature: str) -> str:
    return signature.replace('URI=""', 'URI="#x"')


def _beside_key(signature: str, more: str) -> str:
    return signature.replace("</KeyInfo>", f"</KeyInfo>{more}")


def _inner(head: str, *parts: str) -> str:
    return "<extension>" + _of(_root(head), *parts) + "</extension>"


_REFERENCE = re.compile("<Reference.*</Reference>", re.DOTALL)
WRAPPINGS: dict[str, Callable[[str, str, str], str]] = {
    "content_replaced": lambda h, c, s: _of(h, _evil(c), s),
    "original_in_object": _signed_in_object,
    "original_as_sibling": lambda h, c, s: _of(h, _evil(c), _inner(h, c), s),
    "original_as_child_with_signature": lambda h, c, s: _of(h, _evil(c), _inner(h, c, s)),
    "new_root_around": lambda h, c, s: (
        f"<wrap>{_of(_root(h), _evil(c))}{_of(_root(h), c, s)}</wrap>"
    ),
    "signature_first": lambda h, c, s: _of(h, s, _evil(c)),
    "signature_twice": lambda h, c, s: _of(h, c, s, s),
    "second_report": lambda h, c, s: _of(h, c, _evil(c[c.index("<report>") :]), s),
    "second_learner": lambda h, c, s: _of(h, f"<learner>{FORGED}</learner>", c, s),
    "facts_in_the_signature": lambda h, c, s: _of(h, c, _beside_key(s, _evil(c))),
    "facts_in_an_object": lambda h, c, s: _of(h, c, _beside_key(s, f"<Object>{_evil(c)}</Object>")),
    "fake_signed_properties": lambda h, c, s: _of(
        h, _evil(c), _beside_key(s, "<Object><QualifyingProperties/></Object>")
    ),
    "duplicate_id": lambda h, c, s: _of(
        h.replace("<elmo ", '<elmo ID="x" '),
        _evil(c),
        f'<extension ID="x">{c}</extension>',
        _by_id(s),
    ),
    "reference_to_an_id": lambda h, c, s: _of(h, _evil(c), _by_id(s)),
    "no_reference": lambda h, c, s: _of(h, _evil(c), _REFERENCE.sub("", s)),
    "two_references": lambda h, c, s: _of(
        h, _evil(c), _REFERENCE.sub(lambda found: found[0] * 2, s)
    ),
    "xpath_transform": lambda h, c, s: _of(
        h, _evil(c), s.replace(ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116")
    ),
    "hmac_by_the_public_key": lambda h, c, s: _of(
        h, _evil(c), s.replace(elmo.RSA_SHA256, f"{DS}hmac-sha1")
    ),
    "supplement_with_our_signature": lambda h, c, s: _of(
        h, _evil(c), f"<extension><diplomaSupplement>{s}</diplomaSupplement></extension>"
    ),
    "namespace_of_the_root": lambda h, c, s: _of(h.replace("<elmo ", '<elmo lang="xx" '), c, s),
    "text_after_the_signature": lambda h, c, s: _of(h, c, s, FORGED),
}
REFUSED: dict[str, Callable[[str, str, str], str]] = {
    "comment_splits_a_name": lambda h, c, s: f"{h}{c.replace('Noor', 'No<!-- -->or')}{s}</elmo>",
    "instruction_splits_a_name": lambda h, c, s: f"{h}{c.replace('Noor', 'No<?x y?>or')}{s}</elmo>",
    "doctype": lambda h, c, s: h.replace("?>", "?><!DOCTYPE elmo>", 1) + f"{c}{s}</elmo>",
    "entity": lambda h, c, s: (
        h.replace("?>", '?><!DOCTYPE elmo [<!ENTITY x "Mallory">]>', 1)
        + f"{c.replace('Noor', '&x;')}{s}</elmo>"
    ),
    "external_entity": lambda h, c, s: (
        h.replace("?>", '?><!DOCTYPE elmo SYSTEM "http://127.0.0.1/x.dtd">', 1) + f"{c}{s}</elmo>"
    ),
    "unknown_entity": lambda h, c, s: f"{h}{c.replace('Noor', '&x;')}{s}</elmo>",
}
