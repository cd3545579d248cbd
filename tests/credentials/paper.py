"""A renderer with our real words, and a key to sign facts with, for every test of the paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from credentials.attachment import extract_json
from credentials.extract import Extract, Language
from credentials.facts import sign_facts
from credentials.qr import draw
from credentials.rendering import Compilers, Renderer, compiled, program_of
from credentials.sheet import House, Json, sheet
from credentials.widths import UNKNOWN
from credentials.wording import Translate
from keys.custody import KeyRef

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "echt.voorbeeld.nl"
IN_WORDS = {
    Language.NL: "echt punt voorbeeld punt nl",
    Language.EN: "echt dot voorbeeld dot nl",
    Language.DE: "echt Punkt voorbeeld Punkt nl",
}
ISSUER = "Diplomaregister (test)"


def messages(language: Language) -> dict[str, str]:
    """Our own catalogue, msgid to msgstr; English is its own."""
    path = ROOT / "locales" / language.value / "credentials.po"
    with path.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


def translator(language: Language) -> Translate:
    """A translation that fails on a text without one."""
    if language is Language.EN:
        return str
    return messages(language).__getitem__


def translators() -> Mapping[Language, Translate]:
    return {language: translator(language) for language in Language}


def renderer() -> Renderer:
    return Renderer(
        translators=translators(), address=ADDRESS, address_in_words=IN_WORDS, issuer=ISSUER
    )


def page_of(asked: Extract, qr: str) -> Json:
    """What is to be set, before anything is drawn."""
    house = House(ISSUER, ADDRESS, IN_WORDS[asked.language])
    return sheet(asked, draw(qr), house, translator(asked.language))


def by_typst(compilers: Compilers, asked: Extract, qr: str) -> bytes:
    """The same paper drawn by typst, which the press has to equal."""
    program = program_of(page_of(asked, qr), draw(qr).svg, extract_json(asked))
    with compilers.borrow() as compiler:
        return compiled(compiler, program, asked.issued_at)


@dataclass(frozen=True, slots=True)
class SoftwareSigner:
    """A real P-256 key in memory: what it signs can be verified by anybody."""

    kid: str = "facts-2026-1"
    algorithm: str = "ES256"
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def key(self) -> KeyRef:
        return KeyRef(self.kid, self.algorithm)

    @property
    def chain(self) -> tuple[bytes, ...]:
        return ()

    def sign_digest(self, digest: bytes) -> bytes:
        scheme = ec.ECDSA(utils.Prehashed(hashes.SHA256()), deterministic_signing=True)
        return self.private.sign(digest, scheme)


SAME_KEY = SoftwareSigner(private=ec.derive_private_key(20_261_121, ec.SECP256R1()))
"""Gives the same code on every run: whether a reader manages must not depend on the day."""


def payload(extract: Extract, signer: SoftwareSigner | None = None) -> str:
    """A QR payload with a true signature, different at every call."""
    return sign_facts(extract, signer or SoftwareSigner(), address=ADDRESS)


def measure_all(node: Any) -> Any:
    """The same page with nothing known about any text: the template must measure them all."""
    if isinstance(node, list):
        return [measure_all(child) for child in node]
    if not isinstance(node, dict):
        return node
    unknown = {"em": UNKNOWN, "kept": True, "plain": False}
    return {key: unknown.get(key, measure_all(child)) for key, child in node.items()}
