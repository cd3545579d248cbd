"""The private line between the web role and the signer: a Unix socket with mutual TLS.

Each end has a key and a certificate of its own, and trusts the other's certificate and
nothing else; there is no authority that could vouch for a third. They are made when the
signer starts for the first time. Who may knock at all is decided by the folder of the
socket: nobody but the owner, or also its group.
"""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from credentials.errors import SealingPaused
from credentials.wire import PAUSED
from keys import durable

HOST = "signer.echt.internal"
SIGNER, WEB = "signer", "web"
LIFE = timedelta(days=3_650)
OWNER_ONLY = 0o700
BACKLOG = 64


@dataclass(frozen=True, slots=True)
class Channel:
    """A folder with `signer.key`, `signer.pem`, `web.key` and `web.pem`.

    The signer needs no `web.key` and the web role no `signer.key`: where they run under
    users of their own, each has a folder without the other's key.
    """

    folder: Path

    def make(self, now: datetime) -> None:
        """Make the certificates where there are none; those that exist stay.

        Raises:
            OSError: the disk refuses; nothing is half made.
        """
        self.folder.parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        with durable.alone(self.folder.parent):
            if not self.folder.exists():
                _build(self.folder, now)

    def server_context(self) -> ssl.SSLContext:
        """How the signer listens: TLS 1.3, and only to the one web certificate."""
        context = self._context(ssl.PROTOCOL_TLS_SERVER, own=SIGNER, other=WEB)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client_context(self) -> ssl.SSLContext:
        """How the web role calls: TLS 1.3, and only the one signer certificate.

        Raises:
            SealingPaused: the certificates are not there (yet), or damaged.
        """
        try:
            return self._context(ssl.PROTOCOL_TLS_CLIENT, own=WEB, other=SIGNER)
        except (OSError, ssl.SSLError) as cause:
            raise SealingPaused(PAUSED) from cause

    def _context(self, protocol: int, *, own: str, other: str) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(self.folder / f"{own}.pem", self.folder / f"{own}.key")
        context.load_verify_locations(self.folder / f"{other}.pem")
        return context


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """The signer's end of the socket; its name goes away with it.

    Raises:
        OSError: another signer listens here, or the folder refuses.
    """
    path.parent.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    _clear(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        try:
            path.chmod(_mode_in(path.parent))
            listener.listen(BACKLOG)
            yield listener
        finally:
            with suppress(OSError):
                path.unlink()


def _mode_in(folder: Path) -> int:
    """To connect, one must be able to write to the socket: the group may if it may enter."""
    group_may_enter = folder.stat().st_mode & 0o010
    return 0o660 if group_may_enter else 0o600


def _clear(path: Path) -> None:
    """Remove the name that a killed signer left; a living one, or anything else, stays."""
    if not path.is_socket():
        return  # nothing there, or something that binding will refuse to replace
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise FileExistsError(0, "another signer is listening there", str(path))


def _build(folder: Path, now: datetime) -> None:
    draft = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(draft, ignore_errors=True)  # left by one that was killed; the lock says so
    draft.mkdir(mode=OWNER_ONLY)
    for name, usage in (
        (SIGNER, ExtendedKeyUsageOID.SERVER_AUTH),
        (WEB, ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        _write_end(draft, name, usage, now.astimezone(UTC).replace(microsecond=0))
    durable.flush_folder(draft)
    draft.rename(folder)
    durable.flush_folder(folder.parent)


def _write_end(folder: Path, name: str, usage: x509.ObjectIdentifier, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(key, name, usage, now)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    durable.create(folder / f"{name}.key", private, mode=durable.PRIVATE)
    durable.create(folder / f"{name}.pem", public, mode=durable.PUBLIC)


def _self_signed(
    key: ec.EllipticCurvePrivateKey, name: str, usage: x509.ObjectIdentifier, now: datetime
) -> x509.Certificate:
    """A certificate that is nobody's authority, for one direction only."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Echt channel {name}")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # the clocks of one machine, but not more
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
