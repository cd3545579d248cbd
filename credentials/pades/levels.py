"""What each baseline level needs besides a key (ETSI EN 319 142-1, 6.3)."""

from __future__ import annotations

from credentials.sealing import Level, SealProfile
from keys.revocation import RevocationSource
from keys.timestamps import Timestamper

ARCHIVAL = (Level.B_LT, Level.B_LTA)


def needed_timestamper(profile: SealProfile, given: Timestamper | None) -> Timestamper | None:
    """The authority that a level needs; none where its seals carry no time-stamp.

    Raises:
        ValueError: it needs one, and there is none.
    """
    if profile.level is Level.B_B:
        return None
    if given is None:
        raise ValueError(f"level {profile.level} needs a time-stamping authority")
    return given


def needed_revocation(
    profile: SealProfile, given: RevocationSource | None
) -> RevocationSource | None:
    """The revocation data that a level embeds; none where it embeds none.

    Raises:
        ValueError: it needs a source, and there is none.
    """
    if profile.level not in ARCHIVAL:
        return None
    if given is None:
        raise ValueError(f"level {profile.level} needs revocation data")
    return given
