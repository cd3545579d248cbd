"""The published schemas of ELMO, and which of them a document fits.

The version does not stand in a document: from 1.0 to 2.0 there is one namespace (emrex.md
2.4). So each schema is asked, and what only later versions have is looked for. The files are
those of the makers of ELMO, in the folders of a copy of theirs; nothing is fetched, for what
a schema imports lies beside it. Without them the rules are all that is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from emrex.elmo.faults import Fault, causes, faults_of
from emrex.elmo.profiles import Version
from emrex.elmo.writing import NAMESPACE

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.etree._docloader import _InputDocument

    from emrex.elmo.rules import Finding

PUBLISHED = ("1.4.0", "1.5.0", "1.6.0", "1.7.0", "2.0.0")
FIELD_TRIAL = "http://purl.org/net/elmo"
"""The namespace of 2015, for which there is no schema."""
_RENAMED = {
    "schema.xsd": "ewp-types-address-stable-v1.xsd",
    "common-types.xsd": "ewp-common-types-stable-v1.xsd",
}
_HELD_TO: Mapping[Version, str] = {
    Version.V1_4: "1.5.0",  # the schema of 1.4 wants a signature, and this is asked before it
    Version.V1_5: "1.5.0",
    Version.V1_6: "1.6.0",
    Version.V1_7: "1.7.0",
}
_ELEMENTS: Mapping[str, tuple[str, ...]] = {
    "2.0": ("dateOfBirth", "alternativeName", "gradingSchemeExternalId", "resultOfRecognition"),
    "1.5": ("placeOfBirth", "birthName", "currentAddress", "gender"),
    "1.4": ("diplomaSupplement",),
    "1.3": ("groups", "grouping", "ref"),
    "1.2": ("gradingScheme", "gradingSchemeLocalId", "status", "descriptionHtml"),
}
"""Elements that a version was the first to have."""
_TYPES_OF_1_6 = {"Diploma", "Micro Credential"}
"""Of attachments."""
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Schemas:
    """The published schemas, where there is a copy of them."""

    folder: Path | None = None
    """Holds `v1.7.0/schema.xsd` and its likes, and `references/`."""

    def fitting(self, root: _Element) -> tuple[str, ...]:
        """The published versions that the document is valid against, oldest first."""
        return self.judged(root)[0]

    def judged(self, root: _Element) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """The same, and where it fits none, what the schemas have against it."""
        if self.folder is None:
            return (), ()
        faults = {version: self._faults(root, version) for version in PUBLISHED}
        fits = tuple(version for version, found in faults.items() if not found)
        return fits, () if fits else causes(root, faults, _near(version_of(root)))

    def is_valid(self, root: _Element, version: Version) -> bool:
        """Whether a document that is still to be signed is what this version asks for.

        True where no copy of the schemas is at hand.
        """
        return not self._faults(root, _HELD_TO[version])

    def _faults(self, root: _Element, version: str) -> tuple[Fault, ...]:
        if self.folder is None:
            return ()
        with _one_at_a_time:  # a schema keeps the errors of its last document
            schema = _schema(self.folder, version)
            return () if schema.validate(root) else faults_of(schema)


RULES_ALONE = Schemas()
"""Where no copy of the schemas is at hand."""


def version_of(root: _Element) -> str:
    """The oldest version that has everything which this document makes use of.

    `field trial` is the form of 2015; a document that uses nothing newer is of 1.0.
    """
    space = etree.QName(root).namespace
    if space != NAMESPACE:
        return "field trial" if space == FIELD_TRIAL else "unknown"
    return max(_used(root), default="1.0")


def _near(version: str) -> tuple[str, ...]:
    """The published versions that a document of this one may have been made by."""
    return tuple(one for one in PUBLISHED if one[0] == version[0] and one[:3] >= version)


def _used(root: _Element) -> Iterator[str]:
    """The versions that were the first to have something in this document."""
    tags = {str(one.tag) for one in root.iter(f"{{{NAMESPACE}}}*")}
    there = {tag.rpartition("}")[2] for tag in tags}
    yield from (version for version, names in _ELEMENTS.items() if there.intersection(names))
    kinds = {(one.text or "").strip() for one in root.iterfind(".//{*}attachment/{*}type")}
    if kinds & _TYPES_OF_1_6:
        yield "1.6"
    for name in ("group", "groupType"):
        if any(len(one.findall("{*}title")) > 1 for one in root.iterfind(f".//{{*}}{name}")):
            yield "1.7"


@cache
def _schema(folder: Path, version: str) -> etree.XMLSchema:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    parser.resolvers.add(_Beside(folder / "references"))
    written = (folder / f"v{version}" / "schema.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(written, parser))


class _Beside(etree.Resolver):
    """Finds what a schema imports, by the name at the end of its address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def resolve(
        self,
        system_url: str | None,
        public_id: str | None,  # noqa: ARG002 - a schema has none
        context: object,
        /,
    ) -> _InputDocument:
        address = system_url or ""
        name = address.rpartition("/")[2]
        file = self._folder / _RENAMED.get(name, name)
        return self.resolve_string(file.read_bytes(), context, base_url=address)
