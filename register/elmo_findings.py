"""What an ELMO file yields on the way through: parts of lines, and findings about the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from register.lines import InstitutionLine, ProgrammeLine
from register.rules import ADVICE, rule_of

Json = dict[str, Any]
_Part = TypeVar("_Part", bound=BaseModel)

_ADVICE = ADVICE | {
    "foreign-number": "Nothing: a national number of another country is never kept.",
    "wrong-citizen-number": "Have the number checked at its source; the person is kept without it.",
    "not-finished": "Import the file again when the study is finished.",
    "no-results": "Ask the issuer for a file with results: this report holds none.",
    "dutch-code": "Nothing: the code was marked as foreign, so that it renames no Dutch school.",
    "unknown-country": "Ask the issuer for a file that names its country.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was not taken over as it stood. Quotes no value of the file."""

    rule: str
    where: str

    @property
    def advice(self) -> str:
        """What the sender can do, in plain English (a msgid)."""
        return _ADVICE[self.rule]


@dataclass(slots=True)
class Reading:
    """What has been collected on the way through a file."""

    institutions: dict[str, InstitutionLine] = field(default_factory=dict)
    programmes: dict[str, ProgrammeLine] = field(default_factory=dict)
    awards: list[Json] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def find(self, rule: str, where: str) -> None:
        """Note that something was left out."""
        self.findings.append(Finding(rule, where))

    def part(self, kind: type[_Part], members: Json, where: str) -> _Part | None:
        """The members as a model, or a finding that names the first broken rule."""
        try:
            return kind.model_validate(members)
        except ValidationError as error:
            self.find(broken_rule(error), where)
            return None


def broken_rule(error: ValidationError) -> str:
    """The first rule that a model found broken."""
    return rule_of(error.errors(include_url=False)[0]["type"])
