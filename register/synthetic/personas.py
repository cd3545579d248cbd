"""Whom a visitor of the demo can be, and whose documents tests find hardest.

The records themselves are in `data/fixtures.json`; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to log in as. The number is a synthetic one (`canaries`)."""

    key: str
    label: str
    """English msgid."""
    person_id: str
    bsn: str


PERSONAS: tuple[Persona, ...] = (
    Persona(
        key="nurse",
        label="Nurse with a bachelor's degree",
        person_id="NN8ACDADFD343F8SA5FAD1TBDV",
        bsn="999900031",
    ),
    Persona(
        key="vwo",
        label="Pupil with a vwo diploma and marks",
        person_id="GQGTCBFJJ2EF1TNENZ9VYA0R62",
        bsn="999900043",
    ),
    Persona(
        key="mbo-care",
        label="Care worker with an mbo diploma",
        person_id="KA67P7FQXAMEVA5T402NP5799J",
        bsn="999900055",
    ),
    Persona(
        key="nt2-ii",
        label="Learner of Dutch: NT2 programme II",
        person_id="928SZCN30C6YRGYZR6TF0NAB8C",
        bsn="999900067",
    ),
    Persona(
        key="long-name",
        label="Somebody with a very long name",
        person_id="191RAQ4EFBGPAS9N083P6QS1N6",
        bsn="999900092",
    ),
    Persona(
        key="arabic",
        label="Somebody whose name is written from right to left",
        person_id="01EB2S4F31E3ETW0XY1MSZE729",
        bsn="999900110",
    ),
    Persona(
        key="merger-chain",
        label="Pupil of a school that merged three times",
        person_id="9EQ03KW3M6Z43DYB3JFVNJ854H",
        bsn="999900572",
    ),
    Persona(
        key="name-changed",
        label="Somebody who changed name and gender",
        person_id="WEEBAC2SVB7RMXKXJ6WD2BZRHV",
        bsn="999900420",
    ),
    Persona(
        key="withdrawn",
        label="A diploma that was withdrawn",
        person_id="NFXHHGQH64S5NG0FWBWWAEREVC",
        bsn="999900432",
    ),
)

CANARY = Persona(
    key="canary",
    label="Canary",
    person_id="C0D6SCPRVRYEVQ2NXH27KRCMJB",
    bsn="999900018",
)
"""Kanarie van Testenburg-Lekzoeker: name and number belong in no log, URL or metric."""

HARD_PEOPLE: tuple[str, ...] = (
    "CMS0N4QZC7478N1P6GJENDRX63",  # long-name
    "K5EY8KMAER9DCSP0NW7DTM40C0",  # arabic
    "PNKZ9SS0XEX4B8ZZVP4KH5711N",  # diacritics
    "YDREQQRSQQX1MSP00S1DNC6KFQ",  # single-name
    "GX06AF8NQHCNT3ZM9SH2MZWRA9",  # birth-unknown
    "DV92DNZNM5NZWC43R4JPFZXGJ3",  # nt2-ii
    "CQ2AX5R76MGFR5CJP77MFXWM5Q",  # noble-jonkvrouw
    "RQ2Y3CR5PTTT93DA1ZW4T2KW64",  # sixty-results
    "GN1K8VJV8DFDVE31S6HZE188RQ",  # birth-month
    "9E3A9CK0ZYQK15SQHA322KGSTY",  # merger-chain
)
"""Award ids of the ten people whose documents are the hardest to set."""
