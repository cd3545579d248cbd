"""What an operator can set: one frozen object, read once, from the environment.

Every default is safe and works on a developer's machine. `check_production`
lists everything that a real service must set, all at once.
"""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ProcessRole(enum.StrEnum):
    """What a process of the service does, and so what it may open."""

    ALL = "all"
    """Everything in one process: the default, for one machine."""
    WEB = "web"
    """Pages and login over the database; asks the signer for documents and opens no key."""
    SIGNER = "signer"
    """Issues documents on request of the web role, over a socket; opens the keys."""
    WORKER = "worker"
    """Issues cohorts from the queue; opens the keys and has no listener."""
    VERIFIER = "verifier"
    """Needs the published trust list only: no database and no key."""


class OidcSettings(BaseModel):
    """The identity provider through which holders log in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    client_id: str
    client_secret: SecretStr
    number_claim: str = "bsn"
    """Claim of the id_token that holds the national number."""
    levels: dict[str, Literal["low", "substantial", "high"]] = {
        "substantial": "substantial",
        "high": "high",
    }
    """What each `acr` of the provider means; one that is not listed is refused."""


class TokenSettings(BaseModel):
    """The hardware token that holds the keys which sign, by PKCS#11."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    module: Path
    """The vendor's PKCS#11 library."""
    label: str
    """Which token of the module."""
    pin_file: Path
    """A file with the PIN, readable by the issuing user only."""
    sessions: int = Field(default=4, ge=1, le=64)
    """How many signatures may be made at the same time."""


class AuthoritySettings(BaseModel):
    """One remote time-stamping authority (RFC 3161)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    certificate_file: Path
    """The authority's certificates in PEM, its own first."""
    policy: str
    """OID of the policy that its tokens must name."""


class StoreSettings(BaseModel):
    """An S3-compatible store for sealed documents; its keys come from the usual AWS variables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str = Field(pattern=r"^https?://[^@/?#\s]+/?$")
    """Its address, without a path: the bucket is put behind it."""
    bucket: str
    region: str = "us-east-1"


class IndexSettings(BaseModel):
    """The index of hashes and statuses that a verifier without a database pulls."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    """Where the issuing service is, `https://…`; plain http on this machine only."""
    fresh_seconds: int = Field(default=3600, ge=60, le=86_400)
    """How old the index may be for "up to date"; older is "status cannot be checked now"."""
    every_seconds: int = Field(default=300, ge=1, le=3600)
    """How long between two pulls."""


RegistryAddress = Annotated[
    str,
    Field(
        pattern=r"^(https://[^@/?#]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?)(/[^#]*)?$"
    ),
]
"""`https://…`; plain http on this machine only."""


class RegistrySettings(BaseModel):
    """Registries of EMREX providers that are fetched: the lists of EMREG and EWP."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    addresses: tuple[RegistryAddress, ...] = Field(min_length=1)
    """In order of preference: the first that lists a provider gives its name."""
    every_seconds: int = Field(default=3_600, ge=60, le=86_400)
    """How long between two fetches of one list."""
    fresh_seconds: int = Field(default=86_400, ge=3_600, le=2_592_000)
    """How old a list may be before pages and readiness say so."""


class Emrex2Settings(BaseModel):
    """EMREX 2.0, a public draft that may still change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clients_file: Path
    """Who may ask for results: entries of clients as EMREG 2 has them, in JSON."""


class Settings(BaseSettings):
    """All settings; `ECHT_HOME`, `ECHT_DATABASE_URL`, `ECHT_OIDC__ISSUER` and so on."""

    model_config = SettingsConfigDict(
        env_prefix="ECHT_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    home: Path = Path("var")
    """Database, keys, trust list and documents of one instance."""
    database_url: str = ""
    """PostgreSQL in production; empty means SQLite inside `home`."""
    production: bool = False
    role: ProcessRole = ProcessRole.ALL
    host: str = "127.0.0.1"
    port: int = 8000
    address: str = "echt.voorbeeld.nl"
    """The host that people type and that every QR code names."""
    public_url: str = ""
    """Where browsers reach this instance, without a slash at the end; empty means host and port."""
    issuer: str = "Diplomaregister (test)"
    """Who seals; stands on every document."""
    contact: str = "mailto:vragen@voorbeeld.nl"
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses of the proxies in front, whose word about the visitor's address is taken."""
    unlimited_clients: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks that are never asked to slow down; programs of this machine by default."""
    vault_key_file: Path | None = None
    """32 random bytes that encrypt national numbers; empty means a file made inside `home`."""
    watch_key_file: Path | None = None
    """32 random bytes behind canaries and aliases; empty means derived from the vault's key."""
    often_checked: int = Field(default=50, ge=2)
    """Checks of one extract in a day, as one process sees them, that set off an alarm."""
    elmo_schemas: Path | None = None
    """Folder of the published schemas of ELMO; empty means that only our own rules are asked."""
    oidc: OidcSettings | None = None
    """Without a provider, the demo's persona picker is the login."""
    token: TokenSettings | None = None
    """Where the signing keys are; without a token, files inside `home` (development only)."""
    timestamp_authorities: tuple[AuthoritySettings, ...] = ()
    """In order of preference; without any, the embedded test authority (development only)."""
    timestamps_over_plain_http: bool = False
    """Allow http beyond this machine: a token proves itself, but others see how many are made."""
    store: StoreSettings | None = None
    """Where sealed documents go; without one, folders inside `home`."""
    index: IndexSettings | None = None
    """What role `verifier` pulls; without it that role knows the trust list only."""
    publish_index: bool = False
    """Publish the index for verifiers elsewhere; done by whoever opens the keys."""
    index_folder: Path | None = None
    """Where the published index lies; empty means a folder inside `home`."""
    registry: RegistrySettings | None = None
    """Whose lists of EMREX providers are fetched; without it we know of nobody but ourselves."""
    emrex_clients: Path | None = None
    """Clients of EMREX whose name the operator verified, in JSON; without it only our own."""
    emrex2: Emrex2Settings | None = None
    """Without it EMREX is 1.x only, and no address of 2.0 exists."""
    job_threads: int = Field(default=1, ge=1, le=16)
    """How many documents of employers' jobs are checked at the same time."""
    signer_socket: Path | None = None
    """Where web and signer meet; empty means a socket inside `home`."""

    @property
    def has_database(self) -> bool:
        """Whether there is a database to ask; asking must not make one."""
        return bool(self.database_url) or (self.home / "echt.db").is_file()

    @property
    def socket(self) -> Path:
        """Where the signer listens and the web role calls."""
        return self.signer_socket or self.home / "signer.sock"

    @property
    def published_index(self) -> Path:
        """Where the signer writes the index and the web role reads it."""
        return self.index_folder or self.home / "published-index"

    @property
    def pki(self) -> str:
        """Where certificates say that revocation lists are; plain http, as RFC 5280 8 advises."""
        return f"http://{self.address}/pki"

    @property
    def url(self) -> str:
        """Where browsers reach this instance."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def database(self) -> str:
        """URL of the database in use."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'echt.db'}"


def check_production(settings: Settings, role: ProcessRole = ProcessRole.ALL) -> list[str]:
    """Every reason why this is not a production configuration; empty when it is one.

    A role is asked only for what it may have: a verifier gets no database, and web no token.
    """
    if not settings.production:
        return []
    met = {
        "ECHT_DATABASE_URL must name a PostgreSQL database": settings.database_url.startswith(
            "postgresql"
        ),
        "ECHT_VAULT_KEY_FILE must name the key that encrypts national numbers": bool(
            settings.vault_key_file
        ),
        "ECHT_OIDC__ISSUER must name the identity provider": settings.oidc is not None,
        "ECHT_PUBLIC_URL must begin with https://": settings.public_url.startswith("https://"),
        "ECHT_ADDRESS must be your own host": settings.address != "echt.voorbeeld.nl",
        "ECHT_TOKEN__MODULE and _LABEL must name the token with the keys": settings.token
        is not None,
        "ECHT_TIMESTAMP_AUTHORITIES must name two authorities": (
            len(settings.timestamp_authorities) > 1
        ),
    }
    spared = _SPARED[role]
    return [text for text, holds in met.items() if not holds and not text.startswith(spared)]


_ISSUING = ("ECHT_TOKEN", "ECHT_TIMESTAMP")
_PAGES = ("ECHT_OIDC", "ECHT_PUBLIC_URL")
_SPARED: dict[ProcessRole, tuple[str, ...]] = {
    ProcessRole.ALL: (),
    ProcessRole.WEB: _ISSUING,
    ProcessRole.SIGNER: _PAGES,
    ProcessRole.WORKER: _PAGES,
    ProcessRole.VERIFIER: (*_ISSUING, "ECHT_DATABASE", "ECHT_VAULT", "ECHT_OIDC"),
}
"""What a role is not asked for, by the first words."""
