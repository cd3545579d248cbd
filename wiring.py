"""From settings to objects: everything one instance is made of, opened when first asked for.

This is the half of the composition root that knows objects; `main.py` is the half
that knows the command line and the site. Nothing here decides anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Engine

from credentials.archive import Archive, FolderArchive
from credentials.archive_stamps import algorithm_ends, newest_stamp
from credentials.bulk.chunks import Bulk
from credentials.bulk.store import SqlCohorts
from credentials.channel import Channel
from credentials.current import CurrentSealer
from credentials.downloading import Downloads
from credentials.errors import DocumentMissing
from credentials.extract import Extract, Language
from credentials.facts import sign_facts
from credentials.feed.publishing import IndexPublisher
from credentials.issuing import Draw, Issuer
from credentials.line import SignerLine
from credentials.lint import LINTS
from credentials.numbering import document_number
from credentials.pades import SplicePreserver, SpliceSealer
from credentials.pades.judging import SealJudge
from credentials.ports import Extracts
from credentials.preserving import Preserving
from credentials.preserving_store import SqlCopies
from credentials.reconciling import Reconciler
from credentials.remote import RemoteExtracts
from credentials.rendering import Renderer
from credentials.restating import Restating
from credentials.sealing import Level, Preserver, Sealer, SealProfile
from credentials.standing_store import SqlStandings
from credentials.status import Statuses
from credentials.store import SqlLedger
from credentials.waiting import Waiting, Worked
from credentials.waiting_store import SqlWishes
from credentials.wording import Translate
from key_wiring import Keyring
from keys.custody import SealSigner
from register.history import SqlHistory
from register.store import SqlRegister
from register.vault import Vault
from register.writing import SqlWriter
from settings import ProcessRole, Settings
from storage.engine import PAGE_SECONDS, open_engine
from storage.migrating import upgrade
from vault_key import master_key
from watch_wiring import Watching
from web import i18n

ARCHIVAL = (Level.B_LT, Level.B_LTA)
"""Levels with revocation data inside; a download needs none, and waits for none."""
COHORTS = SealProfile(level=Level.B_LTA)
"""How documents of cohorts are sealed: nobody waits for them, and they last."""
NO_DOCUMENT = "0000-0000-0000"
"""A number that is never drawn: asking for it is asking whether the store is there."""
ADDRESS_WORDS = {
    Language.NL: "echt punt voorbeeld punt nl",
    Language.EN: "echt dot voorbeeld dot nl",
    Language.DE: "echt Punkt voorbeeld Punkt nl",
}


def now() -> datetime:
    """The clock of a running instance."""
    return datetime.now(UTC)


def paper_words() -> dict[Language, Translate]:
    """What translates our own words on paper, by the language of the document."""
    catalogues = i18n.translations()
    return {one: catalogues[i18n.Language(one)].gettext for one in Language}


@dataclass(frozen=True)
class Instance:
    """One instance: its folder, its database, its keys, and the use cases over them."""

    settings: Settings
    clock: Callable[[], datetime] = now

    @property
    def keys_folder(self) -> Path:
        """Private keys and certificates; only an issuing process opens them."""
        return self.keyring.folder

    @property
    def trust_folder(self) -> Path:
        """What is published about the keys."""
        return self.keyring.public

    @cached_property
    def engine(self) -> Engine:
        """The database, at the schema of this release."""
        self.settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = open_engine(self.settings.database)
        upgrade(engine)  # takes the time that it takes
        if self.settings.role is not ProcessRole.WEB:
            return engine
        engine.dispose()
        return open_engine(self.settings.database, within=PAGE_SECONDS)

    @cached_property
    def vault(self) -> Vault:
        """Encrypts national numbers."""
        return Vault(master_key(self.settings, self.engine))

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
    def archive(self) -> Archive:
        """Sealed documents."""
        return _archive(self.settings, "archive")

    @cached_property
    def preserved(self) -> Archive:
        """The archive's own copies of them, which last."""
        return _archive(self.settings, "preserved", replaces=True)

    @cached_property
    def statuses(self) -> Statuses:
        """Whether a document still says what the register says."""
        return Statuses(self.register)

    @cached_property
    def restating(self) -> Restating:
        """What documents state, told again from our own record."""
        return Restating(self.ledger, SqlHistory(self.engine))

    @cached_property
    def standings(self) -> SqlStandings:
        """How whole buckets of documents stand, for whoever knows only a hash."""
        return SqlStandings(self.engine)

    @cached_property
    def watching(self) -> Watching:
        """Canaries among what is published, and who asks about them."""
        master = partial(master_key, self.settings, self.engine)
        return Watching(self.settings, master, self.ledger, self.standings, self.clock)

    @cached_property
    def index_publisher(self) -> IndexPublisher:
        """Publishes hashes and statuses for verifiers that have no database."""
        return IndexPublisher(
            self.watching.standings,
            lambda: self.keyring.signer("facts"),
            self.settings.published_index,
            self.clock,
        )

    @cached_property
    def keyring(self) -> Keyring:
        """The keys, and what is published about them."""
        return Keyring(self.settings, self.clock)

    @cached_property
    def sealer(self) -> CurrentSealer:
        """The seal at which holders download, B-T; making keys first where there are none."""
        return self._sealer(SealProfile())

    @cached_property
    def archival_sealer(self) -> CurrentSealer:
        """The seal of cohorts."""
        return self._sealer(COHORTS)

    def _sealer(self, profile: SealProfile) -> CurrentSealer:
        self._require_keys()
        keyring = self.keyring

        def opened(signer: SealSigner) -> Sealer:
            return SpliceSealer(
                signer,
                profile,
                clock=self.clock,
                timestamper=keyring.timestamper,
                revocation=keyring.revocation if profile.level in ARCHIVAL else None,
            )

        return CurrentSealer(partial(keyring.current, "seal"), opened)

    @cached_property
    def preserver(self) -> Preserver:
        """Adds archive time-stamps to what any key of ours ever sealed."""
        keyring = self.keyring
        return SplicePreserver(
            keyring.archive_timestamper,
            keyring.revocation,
            chains=keyring.seal_chains(),
            listed=lambda: [one.certificates for one in keyring.trust_list().stampers()],
        )

    @cached_property
    def draw(self) -> Draw[Extract]:
        """Renders an extract, with its signed facts as a QR code, without seal."""
        renderer = Renderer(
            translators=paper_words(),
            address=self.settings.address,
            address_in_words=ADDRESS_WORDS,
            issuer=self.settings.issuer,
        )
        self._require_keys()
        self.keyring.current("facts")

        def draw(extract: Extract) -> bytes:
            facts = self.keyring.current("facts")
            payload = sign_facts(extract, facts, address=self.settings.address)
            return renderer.render(extract, payload)

        return draw

    def service_signer(self, purpose: str) -> SealSigner:
        """The key that signs what this service says of itself: `receipt`, `webhook`, `emrex`.

        Raises:
            KeysError: this role opens no key, or there is none for that purpose.
        """
        _ = self.keyring.custody  # refuses a role without keys before any are made
        return self._filled_keyring.current(purpose)

    @cached_property
    def _filled_keyring(self) -> Keyring:
        """The keyring, with keys in it."""
        self._require_keys()
        return self.keyring

    @cached_property
    def downloads(self) -> Downloads:
        """The main job: an award in, a sealed extract out."""
        issuer = Issuer(self.draw, self.sealer, self.ledger, self.archive, LINTS)
        also = (COHORTS.digest,)
        return Downloads(issuer, self.ledger, self.archive, _number, self.clock, also)

    @property
    def reconciler(self) -> Reconciler:
        """Closes what a crash left open, whichever of our keys had sealed it."""
        judge = SealJudge(self.keyring.seal_chains())
        return Reconciler(self.ledger, self.archive, judge, self.clock)

    @cached_property
    def cohorts(self) -> SqlCohorts:
        """Cohorts as they are kept; whoever looks at them needs no key."""
        return SqlCohorts(self.engine)

    @cached_property
    def bulk(self) -> Bulk:
        """Whole cohorts."""
        return Bulk(
            register=self.register,
            issuer=Issuer(self.draw, self.archival_sealer, self.ledger, self.archive, LINTS),
            ledger=self.ledger,
            reconciler=self.reconciler,
            cohorts=self.cohorts,
            draw_number=_number,
            clock=self.clock,
        )

    @cached_property
    def preserving(self) -> Preserving:
        """The archive's own copies, which last."""
        return Preserving(
            ledger=self.ledger,
            archive=self.archive,
            preserved=self.preserved,
            preserver=self.preserver,
            copies=SqlCopies(self.engine),
            read_stamp=newest_stamp,
            ends=algorithm_ends(),
            trusted=self.keyring.trust_list,
            clock=self.clock,
        )

    @property
    def channel_folder(self) -> Path:
        """Keys and certificates of the line between web and signer."""
        return self.settings.home / "secrets" / "channel"

    @cached_property
    def remote(self) -> RemoteExtracts:
        """The line to the signer; used by a process that may not open a key."""
        line = SignerLine(self.settings.socket, Channel(self.channel_folder))
        return RemoteExtracts(line, self.ledger, self.clock)

    @property
    def extracts(self) -> Extracts:
        """Sealed extracts: made here, or by the signer where this process may not open a key."""
        return self.remote if self.settings.role is ProcessRole.WEB else self.downloads

    @cached_property
    def waiting(self) -> Waiting:
        """Extracts that are asked for while sealing is paused."""
        return Waiting(SqlWishes(self.engine), self.register, self.extracts, self._settle)

    def _settle(self) -> None:
        """Close what a crash left open; only a process that can judge a seal does."""
        if self.settings.role is not ProcessRole.WEB:
            self.reconciler.settle()

    def take_up(self) -> None:
        """Close what a crash left open and add what an older release did not write yet."""
        self.reconciler.settle()
        self.reconciler.sweep()
        self.standings.complete()

    def work(self) -> Worked:
        """One turn of the work beside the pages: what a crash left, the queue, revocation data."""
        self._settle()
        worked = self.waiting.work(self.clock())
        self.keyring.revocation.refresh()  # last: a holder's download rests on none of it
        if self.settings.publish_index:
            self.index_publisher.publish_if_due()
        return worked

    def open_keys(self) -> None:
        """Open the key that seals now; raises whatever is wrong with it."""
        self.keyring.signer("seal")

    def check_sealing(self) -> None:
        """Whether sealing is possible now; raises whatever keeps it from that."""
        if self.settings.role is ProcessRole.WEB:
            self.remote.ping()
        elif "sealer" in self.__dict__:  # the key that is really held, not a second opening of it
            self.sealer.check()
        else:
            self.open_keys()

    def check_archive(self) -> None:
        """Whether the store of documents answers; raises `ArchiveUnavailable` where it does not."""
        if self.settings.role is not ProcessRole.WEB:  # which asks its signer for documents
            with suppress(DocumentMissing):
                self.archive.get(NO_DOCUMENT)

    def _require_keys(self) -> None:
        self.keyring.require(used=(self.settings.home / "archive").is_dir())

    def ping(self) -> None:
        """Ask the database for nothing; raises whatever is wrong with it."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give the database and the token back."""
        for name, give_back in _GIVE_BACK.items():
            if name in self.__dict__:
                give_back(self.__dict__[name])


def open_bulk(settings: Settings) -> Bulk:
    """What a process needs that issues cohorts; each worker calls this once."""
    return Instance(settings).bulk


def _archive(settings: Settings, name: str, *, replaces: bool = False) -> Archive:
    """A folder of this home, or where there is a store, the same name in its bucket."""
    store = settings.store
    if store is None:
        return FolderArchive(settings.home / name)
    from credentials.archive_s3 import S3Archive, connect  # noqa: PLC0415 - slow, and for few

    client = connect(store.endpoint, store.region)
    return S3Archive(client, store.bucket, prefix=f"{name}/", replaces=replaces)


def _number() -> str:
    return document_number(secrets.token_bytes)


_GIVE_BACK: Mapping[str, Callable[[Any], None]] = {
    "keyring": lambda keyring: keyring.close(),
    "engine": lambda engine: engine.dispose(),
}
