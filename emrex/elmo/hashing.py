"""Hashes inside a document: of its XML without the files, and of each file (emrex.md 3.6).

Whoever keeps the XML and throws the files away, or the other way around, can still prove that the
one belongs to the other, long after the signature over both can no longer be checked.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml import etree

from emrex.elmo.writing import NAMESPACE
from xmlsig.canonical import cut
from xmlsig.profile import SIGNATURE

if TYPE_CHECKING:
    from lxml.etree import _Element

CONTENT = f"{{{NAMESPACE}}}content"
HASH, ATTACHMENT = "hash", "attachment"
_GONE = "no file"
_SPACE = "/elmo/1"
"""How every namespace of our own words ends, whatever service it is of."""
_TRANSFER = f"{{{NAMESPACE}}}extension/{{*}}transfer"


def of_file(content: bytes) -> str:
    """The hash of a file, as every list of issued documents has it."""
    return hashlib.sha256(content).hexdigest()


def of_xml(root: _Element) -> str:
    """SHA-256 over the inclusive C14N 1.0 of the document without what may go.

    That is the signature under the root, the content of every attachment, and the hash itself.
    Empty where the document has no canonical form.
    """
    bare = copy.deepcopy(root)
    gone = [*bare.findall(SIGNATURE), *bare.iterfind(f".//{{{NAMESPACE}}}attachment/{CONTENT}")]
    for element in (*gone, *_hashes(bare)):
        cut(element)
    try:
        written = etree.tostring(bare.getroottree(), method="c14n", with_comments=False)
    except etree.C14NError:
        return ""
    return hashlib.sha256(written).hexdigest()


def write(root: _Element) -> None:
    """Put the hash of the XML into its extension, last of all before the signature."""
    for transfer in _transfers(root):
        space = etree.QName(transfer).namespace
        written = etree.SubElement(transfer, f"{{{space}}}{HASH}")
        written.text = of_xml(root)


def differing(root: _Element) -> Iterator[_Element]:
    """Hashes of our own words that are not those of what they are about.

    Each thing is hashed once, however often somebody names it. An attachment whose content was
    thrown away is no other one.
    """
    hashes = _hashes(root)
    found = of_xml(root) if hashes else ""
    yield from (one for one in hashes if not found or one.text != found)
    named = [one for transfer in _transfers(root) for one in _of(transfer, ATTACHMENT)]
    files = dict(_files(root)) if named else {}
    for one in named:
        if files.get(one.get("ref", ""), _GONE) not in {one.get("sha256"), ""}:
            yield one


def _transfers(root: _Element) -> Iterator[_Element]:
    for one in root.iterfind(_TRANSFER):
        if (etree.QName(one).namespace or "").endswith(_SPACE):
            yield one


def _hashes(root: _Element) -> list[_Element]:
    return [one for transfer in _transfers(root) for one in _of(transfer, HASH)]


def _of(transfer: _Element, name: str) -> Iterator[_Element]:
    return transfer.iterfind(f"{{{etree.QName(transfer).namespace}}}{name}")


def _files(root: _Element) -> Iterator[tuple[str, str]]:
    """The hash of each file by its identifier; empty where its content was thrown away."""
    for attachment in root.iter(f"{{{NAMESPACE}}}attachment"):
        name = attachment.findtext(f"{{{NAMESPACE}}}identifier", "").strip()
        content = attachment.find(CONTENT)
        yield name, "" if content is None else _of_uri((content.text or "").strip())


def _of_uri(uri: str) -> str:
    data = uri.partition(";base64,")[2]
    try:
        return of_file(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        return _GONE
