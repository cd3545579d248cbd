"""A hardware token in software (SoftHSM2), started by the tests themselves.

SoftHSM2 reads its configuration from the environment when it is initialised, and a
module can be initialised once per process: so one token serves a whole run, and a test
that damages its token does that in a process of its own.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from keys.custody import PublicKey
from keys.pkcs11 import Token, open_token
from tests import judges

PIN = "4711-secret"
LABEL = "echt-test"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
MODULES = ("/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib64/pkcs11")
ENVIRONMENT = "SOFTHSM2_CONF"


@dataclass(frozen=True, slots=True)
class SoftHsm:
    """A token in a folder of its own."""

    folder: Path
    module: Path
    label: str
    pin_file: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def configuration(self) -> Path:
        """What `SOFTHSM2_CONF` names."""
        return self.folder / "softhsm2.conf"

    @property
    def tokens(self) -> Path:
        """Where the token keeps its objects; moving it away is pulling the token out."""
        return self.folder / "tokens"

    @property
    def environment(self) -> dict[str, str]:
        """Environment of a process that uses this token."""
        return {**os.environ, ENVIRONMENT: str(self.configuration)}

    def open(self, *, sessions: int = 4, patience: float = 30.0) -> Token:
        """The token, in this process."""
        return open_token(
            self.module, self.label, self.pin_file, sessions=sessions, patience=patience
        )

    def new_kid(self, purpose: str) -> str:
        """A name that no key of this token has."""
        return f"{purpose}-{next(self.numbers)}"


def module() -> Path:
    """The SoftHSM2 library; skips loudly where it is not installed."""
    judges.require("softhsm2-util")
    for folder in MODULES:
        found = Path(folder) / "libsofthsm2.so"
        if found.exists():
            return found
    pytest.skip("libsofthsm2.so is not installed: make judges")


def init(folder: Path) -> SoftHsm:
    """Make a token with its PIN in `folder`."""
    made = SoftHsm(folder, module(), LABEL, folder / "pin")
    made.tokens.mkdir()
    made.pin_file.write_text(PIN + "\n")
    made.pin_file.chmod(0o600)
    made.configuration.write_text(
        f"directories.tokendir = {made.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    command = ["softhsm2-util", "--init-token", "--free", "--label", LABEL]
    subprocess.run(
        [*command, "--pin", PIN, "--so-pin", PIN],
        env=made.environment,
        check=True,
        capture_output=True,
    )
    return made


@contextmanager
def new_softhsm() -> Iterator[SoftHsm]:
    """A token for one program, with `SOFTHSM2_CONF` set in this process."""
    before = os.environ.get(ENVIRONMENT)
    with tempfile.TemporaryDirectory(prefix="echt-hsm-") as folder:
        made = init(Path(folder))
        os.environ[ENVIRONMENT] = str(made.configuration)
        try:
            yield made
        finally:
            os.environ.pop(ENVIRONMENT, None)
            if before is not None:
                os.environ[ENVIRONMENT] = before


@pytest.fixture(scope="session")
def softhsm() -> Iterator[SoftHsm]:
    """One token for the whole run."""
    with new_softhsm() as made:
        yield made


@pytest.fixture(scope="session")
def hsm_token(softhsm: SoftHsm) -> Iterator[Token]:
    """The token, opened once in this process, as the product does."""
    token = softhsm.open()
    yield token
    token.close()


def chain_of(public: PublicKey, *, now: datetime = NOW) -> tuple[bytes, ...]:
    """Certificates in DER for a key made elsewhere: its own, an authority's, a root's."""
    root, ca = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
    return tuple(
        one.public_bytes(serialization.Encoding.DER)
        for one in (
            _certificate("key", public, "CA", ca, now),
            _certificate("CA", ca.public_key(), "root", root, now),
            _certificate("root", root.public_key(), "root", root, now),
        )
    )


def _certificate(
    name: str, public: PublicKey, issuer: str, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    authority = name != "key"
    constraints = x509.BasicConstraints(ca=authority, path_length=None)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1000))
        .add_extension(constraints, critical=True)
        .sign(key, hashes.SHA384())
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Echt TEST {name}")])
