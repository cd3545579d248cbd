"""Invented people with real difficulties: the register that demos, tests and benches run on.

Nobody in it exists. The same number of people and the same seed give the same
bytes on every machine; the cast of `data/fixtures.json` is always in it.
"""

from __future__ import annotations

from register.synthetic.generate import lines, write
from register.synthetic.personas import HARD_PEOPLE, PERSONAS, Persona

__all__ = ["HARD_PEOPLE", "PERSONAS", "Persona", "lines", "write"]
