"""What an award is, in the one word that receivers ask for."""

from __future__ import annotations

from register.records import Award, Sector

CERTIFICATE, DIPLOMA, STATE_EXAM = "certificate", "diploma", "staatsexamen"


def kind_of(award: Award) -> str:
    """What was earned; of the state exams the register tells that of Dutch by its sector."""
    if award.partial:
        return CERTIFICATE
    return STATE_EXAM if award.sector is Sector.NT2 else DIPLOMA
