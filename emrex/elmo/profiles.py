"""What the versions of ELMO differ in, as far as we write them (emrex.md 2.4 and 3.4)."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Version(enum.StrEnum):
    """A version that a client may ask for. 2.0.0 is never written: it breaks every 1.x reader."""

    V1_4 = "1.4"
    V1_5 = "1.5"
    V1_6 = "1.6"
    V1_7 = "1.7"


@dataclass(frozen=True, slots=True)
class Profile:
    """What may stand in a document of that version."""

    version: Version
    birth_details: bool = True
    """Place of birth and name at birth."""
    diploma_type: bool = True
    """The attachment type Diploma; before it, Other with a title."""


PROFILES = {
    profile.version: profile
    for profile in (
        Profile(Version.V1_4, birth_details=False, diploma_type=False),
        Profile(Version.V1_5, diploma_type=False),
        Profile(Version.V1_6),
        Profile(Version.V1_7),
    )
}
NEWEST = PROFILES[Version.V1_7]
