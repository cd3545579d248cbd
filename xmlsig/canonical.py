"""The octets that a digest or a signature is over: Canonical XML 1.0, inclusive or exclusive.

lxml writes a spurious `xmlns=""` when it canonicalises a part of a document whose
default namespace changed above it. So a part is first made a document of its own
(emrex.md 2.7); a whole document is written right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from xmlsig.errors import OutOfProfile
from xmlsig.parsing import parser

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree

INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_XML = "{http://www.w3.org/XML/1998/namespace}"


def of_part(part: _Element, *, method: str) -> bytes:
    """One element with all below it, in the context in which it stands.

    Raises:
        OutOfProfile: it has no canonical form: a namespace with a relative address has none.
    """
    alone = etree.fromstring(etree.tostring(part, with_tail=False), parser())
    if method == INCLUSIVE:
        _inherit(alone, part)
    return _written(alone.getroottree(), method)


def of_document_without(signature: _Element, *, method: str) -> bytes:
    """The whole document but for its signature (XMLDSig 6.6.4, enveloped).

    The signature is a child of the root. It is taken out and put back, for a copy of a large
    document costs as much as parsing it.

    Raises:
        OutOfProfile: as for `of_part`.
    """
    tree, before = signature.getroottree(), signature.getprevious()
    root = tree.getroot()
    place, text = root.index(signature), root.text if before is None else before.tail
    cut(signature)
    try:
        return _written(tree, method)
    finally:
        root.insert(place, signature)
        if before is None:
            root.text = text
        else:
            before.tail = text


def _inherit(alone: _Element, part: _Element) -> None:
    """Attributes of the XML namespace count for what stands below; the nearest wins."""
    for above in part.iterancestors():
        for name, value in above.attrib.items():
            if str(name).startswith(_XML) and name not in alone.attrib:
                alone.set(name, value)


def cut(element: _Element) -> None:
    """Take an element out and leave the text after it, which lxml would take along."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _written(tree: _ElementTree, method: str) -> bytes:
    try:
        return etree.tostring(
            tree, method="c14n", exclusive=method == EXCLUSIVE, with_comments=False
        )
    except etree.C14NError as cause:
        raise OutOfProfile("canonicalization") from cause
