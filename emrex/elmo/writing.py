"""Nouns to XML: every element in the place that the schema of the version gives it.

The same nouns give the same bytes. Nothing is formatted: a blank between two elements would
be signed with them, and a client that tidied up would break the signature.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lxml import etree

from emrex.elmo.nouns import (
    Attachment,
    AttachmentType,
    Elmo,
    Extension,
    GroupType,
    Identifier,
    Instance,
    Issuer,
    Learner,
    Report,
    Specification,
    Titles,
)
from emrex.elmo.profiles import NEWEST, Profile

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACE = "https://github.com/emrex-eu/elmo-schemas/tree/v1"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_INSTANCE = "learningOpportunityInstance"
_SPECIFICATION = "learningOpportunitySpecification"


def tree_of(elmo: Elmo, extensions: str, profile: Profile = NEWEST) -> _Element:
    """The document as a tree; `extensions` is the namespace of what ELMO has no place for."""
    return _Writer(extensions, profile).document(elmo)


def octets(root: _Element) -> bytes:
    """The tree as it is sent: UTF-8 with a declaration, line feeds only, no last line end."""
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def moment(at: datetime) -> str:
    """An xs:dateTime with its zone, in whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Writer:
    """What every element needs to know: the version, and the namespace of extensions."""

    def __init__(self, extensions: str, profile: Profile) -> None:
        self._extensions = extensions
        self._profile = profile

    def document(self, elmo: Elmo) -> _Element:
        root: _Element = etree.Element(f"{{{NAMESPACE}}}elmo", nsmap={None: NAMESPACE})
        _text(root, "generatedDate", moment(elmo.generated_at))
        self._learner(root, elmo.learner)
        for report in elmo.reports:
            self._report(root, report)
        for attachment in elmo.attachments:
            self._attachment(root, attachment)
        self._groups(root, elmo.group_types)
        self._extension(root, elmo.extension)
        return root

    def _learner(self, root: _Element, learner: Learner) -> None:
        element = _add(root, "learner")
        # These two are required, and empty where nobody knows them.
        _add(element, "givenNames").text = learner.given_names
        _add(element, "familyName").text = learner.family_name
        _text(element, "bday", learner.birthday.isoformat() if learner.birthday else "")
        if self._profile.birth_details:
            _text(element, "placeOfBirth", learner.place_of_birth)

    def _report(self, root: _Element, report: Report) -> None:
        element = _add(root, "report")
        _issuer(element, report.issuer)
        for specification in report.specifications:
            self._specification(element, specification)
        _text(element, "issueDate", moment(report.issued_at))
        for scheme in report.grading_schemes:
            _titles(
                _add(element, "gradingScheme", localId=scheme.local_id),
                "description",
                scheme.descriptions,
            )
        for attachment in report.attachments:
            self._attachment(element, attachment)

    def _specification(self, parent: _Element, specification: Specification) -> None:
        element = _add(parent, _SPECIFICATION)
        _identifiers(element, specification.identifiers)
        _titles(element, "title", specification.titles)
        _text(element, "type", specification.type)
        self._instance(_add(element, "specifies"), specification.instance)
        for part in specification.parts:
            self._specification(_add(element, "hasPart"), part)

    def _instance(self, parent: _Element, instance: Instance) -> None:
        element = _add(parent, _INSTANCE)
        _text(element, "date", instance.day.isoformat() if instance.day else "")
        _text(element, "status", instance.status)
        _text(element, "gradingSchemeLocalId", instance.grading_scheme)
        _text(element, "resultLabel", instance.result_label)
        for credit in instance.credits:
            _pair(element, "credit", ("scheme", credit.scheme), ("value", credit.value))
        for level in instance.levels:
            _pair(element, "level", ("type", level.type), ("value", level.value))
        if instance.attachments:
            _pair(element, "attachments", *(("ref", one) for one in instance.attachments))
        if instance.grouping:
            _add(
                element,
                "grouping",
                typeref=instance.grouping.type_id,
                idref=instance.grouping.group_id,
            )
        self._extension(element, instance.extension)

    def _attachment(self, parent: _Element, attachment: Attachment) -> None:
        element = _add(parent, "attachment")
        _identifiers(element, (Identifier("internal", attachment.identifier),))
        _titles(element, "title", attachment.titles)
        is_new = attachment.type is AttachmentType.DIPLOMA and not self._profile.diploma_type
        _text(element, "type", AttachmentType.OTHER if is_new else attachment.type)
        data = base64.b64encode(attachment.content).decode("ascii")
        content = _add(element, "content")
        content.set(LANGUAGE, attachment.language)
        content.text = f"data:application/pdf;base64,{data}"

    def _groups(self, root: _Element, kinds: tuple[GroupType, ...]) -> None:
        if not kinds:
            return
        element = _add(root, "groups")
        for kind in kinds:
            holder = _add(element, "groupType", id=kind.type_id)
            _titles(holder, "title", (("en", kind.title),))
            for group in kind.groups:
                heading = _add(holder, "group", id=group.group_id)
                _titles(heading, "title", (("en", group.title),))

    def _extension(self, parent: _Element, extension: Extension | None) -> None:
        if extension is not None:
            self._own(_add(parent, "extension"), extension)

    def _own(self, parent: _Element, extension: Extension) -> None:
        name = f"{{{self._extensions}}}{extension.name}"
        element = etree.SubElement(parent, name, nsmap={"x": self._extensions})
        for key, value in extension.attributes:
            element.set(key, value)
        element.text = extension.text or None
        for part in extension.parts:
            self._own(element, part)


def _issuer(parent: _Element, issuer: Issuer) -> None:
    element = _add(parent, "issuer")
    _text(element, "country", issuer.country)
    _identifiers(element, issuer.identifiers)
    _titles(element, "title", issuer.titles)
    _text(element, "url", issuer.url)


def _add(parent: _Element, name: str, **attributes: str) -> _Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)


def _text(parent: _Element, name: str, text: str) -> None:
    """An element with that text; none where there is nothing to say."""
    if text:
        _add(parent, name).text = text


def _pair(parent: _Element, name: str, *members: tuple[str, str]) -> None:
    element = _add(parent, name)
    for member, value in members:
        _text(element, member, value)


def _identifiers(parent: _Element, identifiers: tuple[Identifier, ...]) -> None:
    for identifier in identifiers:
        _add(parent, "identifier", type=identifier.type).text = identifier.value


def _titles(parent: _Element, name: str, titles: Titles) -> None:
    for language, text in titles:
        element = _add(parent, name)
        element.set(LANGUAGE, language)
        element.text = text
