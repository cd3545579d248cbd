"""From settings to objects: everything one instance is made of, opened when first asked for.

This is the half of the composition root that knows objects; `main.py` is the half
that knows the command line and the site. Nothing here decides anything.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Engine

from credentials.archive import FolderArchive
from credentials.downloading import Downloads
from credentials.errors import CredentialError
from credentials.extract import Extract, Language
from credentials.facts import sign_facts
from credentials.issuing import Draw, Issuer
from credentials.ledger import Outcome
from credentials.lint import LINTS
from credentials.numbering import document_number
from credentials.pades import ReferenceSealer
from credentials.reconciling import Reconciler
from credentials.rendering import Renderer
from credentials.sealing import SealProfile
from credentials.status import DocumentStatus, Statuses
from credentials.store import SqlLedger
from keys import hierarchy, publishing
from keys.custody import SealSigner
from keys.errors import KeyUnavailable
from register.errors import RegisterError, RegisterUnavailable
from register.store import SqlRegister
from register.vault import Vault
from register.writing import SqlWriter
from settings import Settings
from storage.engine import open_engine, unit_of_work
from storage.migrating import upgrade
from verifier.errors import IndexUnavailable, StatusUnavailable
from verifier.ports import IssuedDocument, Status
from web import i18n

MASTER_KEY_BYTES = 32
_NO_VAULT_KEY = "The key of the national numbers is missing or damaged: restore it from the backup."
ADDRESS_WORDS = {
    Language.NL: "echt punt voorbeeld punt nl",
    Language.EN: "echt dot voorbeeld dot nl",
    Language.DE: "echt Punkt voorbeeld Punkt nl",
}


def now() -> datetime:
    """The clock of a running instance."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Instance:
    """One instance: its folder, its database, its keys, and the use cases over them."""

    settings: Settings
    clock: Callable[[], datetime] = now

    @property
    def keys_folder(self) -> Path:
        """Private keys and certificates; only an issuing process opens them."""
        return self.settings.home / "keys"

    @property
    def trust_folder(self) -> Path:
        """What is published about the keys."""
        return self.settings.home / "trust"

    @cached_property
    def engine(self) -> Engine:
        """The database, at the schema of this release."""
        self.settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = open_engine(self.settings.database)
        upgrade(engine)
        return engine

    @cached_property
    def vault(self) -> Vault:
        """Encrypts national numbers."""
        return Vault(self._master_key())

    @cached_property
    def register(self) -> SqlRegister:
        """Reads the register."""
        return SqlRegister(self.engine, self.vault)

    @cached_property
    def writer(self) -> SqlWriter:
        """Appends to the register."""
        return SqlWriter(self.engine, self.vault, self.clock)

    @cached_property
    def ledger(self) -> SqlLedger:
        """The account of every use of a sealing key."""
        return SqlLedger(self.engine)

    @cached_property
    def archive(self) -> FolderArchive:
        """Sealed documents."""
        return FolderArchive(self.settings.home / "archive")

    @cached_property
    def statuses(self) -> Statuses:
        """Whether a document still says what the register says."""
        return Statuses(self.ledger, self.register)

    @cached_property
    def sealer(self) -> ReferenceSealer:
        """The seal key behind the sealing port; making keys first where there are none."""
        self._require_keys()
        timestamper = hierarchy.open_timestamper(
            self.keys_folder, clock=self.clock, production=self.settings.production
        )
        return ReferenceSealer(self._signer("seal"), timestamper, SealProfile())

    @cached_property
    def draw(self) -> Draw:
        """Renders an extract, with its signed facts as a QR code, without seal."""
        catalogues = i18n.translations()
        translators = {one: catalogues[i18n.Language(one)].gettext for one in Language}
        renderer = Renderer(
            translators=translators,
            address=self.settings.address,
            address_in_words=ADDRESS_WORDS,
            issuer=self.settings.issuer,
        )
        self._require_keys()
        facts = self._signer("facts")

        def draw(extract: Extract) -> bytes:
            payload = sign_facts(extract, facts, address=self.settings.address)
            return renderer.render(extract, payload)

        return draw

    @cached_property
    def downloads(self) -> Downloads:
        """The main job: an award in, a sealed extract out."""
        issuer = Issuer(self.draw, self.sealer, self.ledger, self.archive, LINTS)
        numbers = lambda: document_number(secrets.token_bytes)  # noqa: E731 - one line, one use
        return Downloads(issuer, self.ledger, self.archive, numbers, self.clock)

    @cached_property
    def reconciler(self) -> Reconciler:
        """Closes what a crash left open."""
        return Reconciler(self.ledger, self.archive, self.sealer, self.clock)

    def open_keys(self) -> None:
        """Open the key that seals now; raises whatever is wrong with it."""
        self._signer("seal")

    def _require_keys(self) -> None:
        """Make keys for a home that never had any, and renew the trust list in time.

        Keys that are gone are never replaced silently: what the old ones sealed would
        become foreign.

        Raises:
            KeyUnavailable: this home had keys, and they are gone.
        """
        had_keys = (self.trust_folder / publishing.LIST).exists() or self.archive.exists()
        if had_keys and not hierarchy.exists(self.keys_folder):
            raise KeyUnavailable(
                "The keys of this instance are gone: restore them from the backup."
            )
        self.make_keys()

    def make_keys(self) -> None:
        """Make test keys where there are none and publish their trust list; what exists stays."""
        production = self.settings.production
        hierarchy.make(self.keys_folder, now=self.clock(), production=production)
        publishing.publish_if_due(
            self.keys_folder, self._signer("trust"), now=self.clock(), into=self.trust_folder
        )

    def ping(self) -> None:
        """Ask the database for nothing; raises whatever is wrong with it."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give the database back."""
        if "engine" in self.__dict__:
            self.engine.dispose()

    def _signer(self, purpose: str) -> SealSigner:
        production = self.settings.production
        return hierarchy.open_signer(self.keys_folder, purpose, production=production)

    def _master_key(self) -> bytes:
        path = self.settings.vault_key_file or self.settings.home / "secrets" / "vault.key"
        if not path.exists() and self.settings.vault_key_file is None and not self._has_numbers():
            _write_secret(path, secrets.token_bytes(MASTER_KEY_BYTES))
        try:
            key = path.read_bytes()
        except OSError as cause:
            raise RegisterUnavailable(_NO_VAULT_KEY) from cause
        if len(key) != MASTER_KEY_BYTES:
            raise RegisterUnavailable(_NO_VAULT_KEY)
        return key

    def _has_numbers(self) -> bool:
        """Whether numbers were stored under a key; another one would not find them."""
        with unit_of_work(self.engine) as session:
            return (
                session.execute(text("SELECT 1 FROM identity_number LIMIT 1")).first() is not None
            )


def _write_secret(path: Path, secret: bytes) -> None:
    """Create a file that only its owner can read; an existing one is never replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())


@dataclass(frozen=True, slots=True)
class LedgerIndex:
    """The verifier's index of issued files, answered by the ledger."""

    ledger: SqlLedger

    def find(self, sha256: str) -> IssuedDocument | None:
        """The document with exactly these bytes.

        Raises:
            IndexUnavailable: the ledger cannot be read.
        """
        try:
            entry = self.ledger.by_file(sha256)
        except CredentialError as cause:
            raise IndexUnavailable("The list of issued files cannot be asked now.") from cause
        if entry is None:
            return None
        return IssuedDocument(entry.intent.number, entry.intent.intended_at)

    def knows_covered(self, digest: str) -> bool:
        """Whether a seal of ours was recorded over this digest; raises as `find`."""
        try:
            entry = self.ledger.by_covered_digest(bytes.fromhex(digest))
        except CredentialError as cause:
            raise IndexUnavailable("The list of issued files cannot be asked now.") from cause
        return entry is not None and entry.outcome is Outcome.SEALED


_STATUS = {
    DocumentStatus.ACTIVE: Status.GOOD,
    DocumentStatus.SUPERSEDED: Status.SUPERSEDED,
    DocumentStatus.WITHDRAWN: Status.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class RegisterStatus:
    """The verifier's source of statuses, answered by ledger and register."""

    statuses: Statuses

    def status(self, document_number: str) -> Status:
        """Whether the document still stands.

        Raises:
            StatusUnavailable: nobody can say now, or the number is not known.
        """
        try:
            found = self.statuses.of_number(document_number)
        except (CredentialError, RegisterError) as cause:
            raise StatusUnavailable("The status cannot be asked now.") from cause
        if found is None:
            raise StatusUnavailable("The status cannot be asked now.")
        return _STATUS[found]
