"""A verifier with a pulled index, put together as its process does it."""

from __future__ import annotations

from pathlib import Path

from index_wiring import IndexedVerifier
from keys.publishing import LIST
from settings import IndexSettings, Settings
from tests.verifier import coded
from tests.verifier.sealed import ADDRESS, NOW, World
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode


def test_a_code_at_our_address_is_ours_there_too(world: World, tmp_path: Path) -> None:
    """verifier.md 4.11: whoever has no database calls no genuine code a look-alike."""
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / LIST).write_bytes(world.trust)
    settings = Settings(home=tmp_path, address=ADDRESS)
    chosen = IndexSettings(issuer="https://issuer.example")
    text = coded.OURS + coded.letters(coded.statement(world))
    with Sandbox(size=1) as room:
        verdict = IndexedVerifier(settings, chosen, lambda: NOW).verifier(room).verify_code(text)

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
