"""The import format "echt-register" version 1, one model for each kind of line.

This is an edge: Pydantic decides here what the register may ever hold. Every
text is NFC (never NFKC, which changes ligatures and the l with middle dot) and
free of characters that cannot be printed. Each refusal carries a rule slug as
its error type, so that a report can name the rule without quoting a value.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema
from pydantic_core import PydanticCustomError

from register import codes
from register.dates import PartialDate
from register.errors import InvalidCode, InvalidDate, InvalidNumber
from register.national_numbers import NumberKind, validated

FORMAT = "echt-register"
VERSION = 1
MAX_LINE_BYTES = 1_000_000
MAX_AWARDS = 50
MAX_RESULTS = 200

# Controls, line separators, unpaired surrogates and non-characters have no place in a
# document; directional overrides could make a printed name read as another one.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    # Signs without a shape (Unicode: default ignorable), but for the two joiners of real scripts.
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u2065"
    "\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U000e0000-\U000e0fff]"
)
_LOOKS_SECRET = re.compile(r"[0-9]{8,9}")


def _printable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    if _UNPRINTABLE.search(text):
        raise PydanticCustomError("unprintable-text", "a text holds a character without a shape")
    return unicodedata.normalize("NFC", text)


def _identifier(text: str) -> str:
    if _LOOKS_SECRET.fullmatch(text):
        raise PydanticCustomError("secret-as-identifier", "an id has the form of a national number")
    return text


def _day(text: str) -> str:
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("impossible-date", "there is no such day") from None
    if parsed.isoformat() != text:
        raise PydanticCustomError("impossible-date", "a day is not written as YYYY-MM-DD")
    return text


def _partial_date(text: str) -> str:
    try:
        PartialDate.parse(text)
    except InvalidDate:
        raise PydanticCustomError("impossible-date", "there is no such date") from None
    return text


def _number(kind: NumberKind) -> AfterValidator:
    def check(number: str) -> str:
        try:
            return validated(kind, number)
        except InvalidNumber:
            raise PydanticCustomError("wrong-number", "the number fails its checksum") from None

    return AfterValidator(check)


Name200 = Annotated[str, Field(max_length=200), AfterValidator(_printable)]
Text500 = Annotated[str, Field(max_length=500), AfterValidator(_printable)]
Mark = Annotated[str, Field(max_length=40), AfterValidator(_printable)]
Code = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Identifier = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", max_length=64),
    AfterValidator(_identifier),
]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
Titles = Annotated[dict[LanguageTag, Text500], Field(min_length=1, max_length=10)]
Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra={"format": "date"})]
PartialDay = Annotated[
    str,
    AfterValidator(_partial_date),
    Field(json_schema_extra={"pattern": "^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$"}),
]
Bsn = Annotated[str, Field(max_length=20), _number(NumberKind.BSN)]
Onderwijsnummer = Annotated[str, Field(max_length=20), _number(NumberKind.ONDERWIJSNUMMER)]


class _Strict(BaseModel):
    """What every line and part shares: nothing coerced, nothing unknown, nothing quoted."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
    )


class HeaderLine(_Strict):
    """First line of every file: the format and its version."""

    format: Literal["echt-register"]
    version: Literal[1]
    delivery: Name200 = ""
    """Free label; lets a sender deliver the same lines again on purpose."""


class InstitutionNamePart(_Strict):
    """A name and the days on which it was the name; `until` is the first day it was not."""

    name: Annotated[Name200, Field(min_length=1)]
    since: Day
    until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> InstitutionNamePart:
        if self.until is not None and self.until <= self.since:
            raise PydanticCustomError("impossible-date", "a name ends before it begins")
        return self


class InstitutionLine(_Strict):
    """A school or university, in full: the line replaces what was known before."""

    type: Literal["institution"]
    code: Code
    scheme: Code = "brin"
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "NL"
    names: Annotated[list[InstitutionNamePart], Field(min_length=1, max_length=50)]
    successor: Code | None = None

    @model_validator(mode="after")
    def _code_fits_scheme(self) -> InstitutionLine:
        try:
            codes.check_institution(self.scheme, self.code)
        except InvalidCode:
            raise PydanticCustomError("wrong-code", "a code does not fit its scheme") from None
        if self.successor == self.code:
            raise PydanticCustomError("wrong-code", "an institution cannot succeed itself")
        return self


class ProgrammeLine(_Strict):
    """Something that can be studied. `nlqf` is text because `4+` exists."""

    type: Literal["programme"]
    code: Code
    scheme: Code
    sector: Literal["vo", "mbo", "hbo", "wo", "NT2", "other"]
    title: Titles
    nlqf: Literal["", "1", "2", "3", "4", "4+", "5", "6", "7", "8"] = ""
    eqf: Annotated[int, Field(ge=1, le=8)] | None = None

    @model_validator(mode="after")
    def _code_fits_scheme(self) -> ProgrammeLine:
        try:
            codes.check_programme(self.scheme, self.code)
        except InvalidCode:
            raise PydanticCustomError("wrong-code", "a code does not fit its scheme") from None
        return self


class NamePart(_Strict):
    """A name in the parts in which it is registered; an empty object is an unknown name."""

    given: Name200 = ""
    prefix: Name200 = ""
    surname: Name200 = ""
    title: Literal["", "JH", "JV", "B", "BS", "G", "GI", "H", "HI", "M", "MI", "P", "PS", "R"] = ""
    gender: Literal["M", "V", "O"] = "O"


class ResultPart(_Strict):
    """One line of results. Marks are text as registered, never numbers."""

    subject: Titles
    school_exam: Mark = ""
    central_exam: Mark = ""
    final: Mark = ""
    credits: Mark = ""
    level: Mark = ""
    day: Day | None = None
    counted: bool = True


class AwardPart(_Strict):
    """One diploma or certificate of the person on whose line it stands."""

    award: Identifier
    institution: Code
    programme: Code
    awarded: Annotated[PartialDay, Field(min_length=4)]
    degree: Name200 = ""
    result: Literal["passed", "rejected"] = "passed"
    profile: Titles | None = None
    thesis: Text500 = ""
    partial: bool = False
    results: Annotated[list[ResultPart], Field(max_length=MAX_RESULTS)] = []


class PersonLine(_Strict):
    """Somebody and their awards. The two numbers go to the vault and nowhere else."""

    type: Literal["person"]
    person: Identifier
    name: NamePart
    birth: PartialDay = ""
    birth_place: Name200 = ""
    birth_country: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    bsn: Bsn | None = Field(default=None, repr=False)
    onderwijsnummer: Onderwijsnummer | None = Field(default=None, repr=False)
    awards: Annotated[list[AwardPart], Field(max_length=MAX_AWARDS)] = []

    @model_validator(mode="after")
    def _awards_differ_and_follow_birth(self) -> PersonLine:
        if len({award.award for award in self.awards}) < len(self.awards):
            raise PydanticCustomError("duplicate-award", "an award stands twice on one line")
        if self.birth and any(award.awarded[:4] < self.birth[:4] for award in self.awards):
            raise PydanticCustomError("impossible-date", "an award is older than its holder")
        return self


class WithdrawalLine(_Strict):
    """An award that no longer stands. The reason is internal and never shown."""

    type: Literal["withdrawal"]
    award: Identifier
    reason: Text500 = Field(default="", repr=False)


RecordLine = InstitutionLine | ProgrammeLine | PersonLine | WithdrawalLine
LINE: TypeAdapter[RecordLine] = TypeAdapter(
    Annotated[RecordLine, Field(discriminator="type")],
    config=ConfigDict(hide_input_in_errors=True),
)
RESULTS: TypeAdapter[list[ResultPart]] = TypeAdapter(list[ResultPart])
KINDS = (HeaderLine, InstitutionLine, ProgrammeLine, PersonLine, WithdrawalLine)


def schema() -> dict[str, Any]:
    """The JSON Schema of one line, as published in `docs/register-format.schema.json`."""
    _, definitions = models_json_schema([(kind, "validation") for kind in KINDS])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{FORMAT} version {VERSION}, one line of a JSON Lines file",
        "oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in KINDS],
        **definitions,
    }
