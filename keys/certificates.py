"""The certificates of a test hierarchy, and what each kind of key may be used for.

Profiles follow RFC 5280 and pdf.md 3.6. Every name says TEST: nobody can mistake one
of these certificates for an authority's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from keys.chains import TRUST_LIST_SIGNING
from keys.files import PrivateKey

ORGANISATION = "Echt TEST"
YEAR = timedelta(days=365, hours=6)
ROOT_YEARS, CA_YEARS, LEAF_YEARS = 20, 10, 3


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of end key: what it signs with and what its certificate allows."""

    purpose: str
    label: str
    algorithm: str
    make_key: Callable[[], PrivateKey]
    commits: bool = False
    """Whether the certificate carries contentCommitment (nonRepudiation)."""
    extended: x509.ObjectIdentifier | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A key with its certificate, before either is written anywhere."""

    certificate: x509.Certificate
    private: PrivateKey

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def private_pem(self) -> bytes:
        """The private key in PEM, PKCS#8, not encrypted."""
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def __repr__(self) -> str:
        """Name the certificate, and nothing of the private key."""
        return f"Issued({self.certificate.subject.rfc4514_string()!r})"


def whole_seconds(moment: datetime) -> datetime:
    """The second that a moment lies in, in UTC: certificates and lists know no fractions."""
    return moment.astimezone(UTC).replace(microsecond=0)


def p256() -> PrivateKey:
    """Make a P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def p384() -> PrivateKey:
    """Make a P-384 key."""
    return ec.generate_private_key(ec.SECP384R1())


def rsa3072() -> PrivateKey:
    """Make an RSA key of 3072 bits."""
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


PROFILES = {
    "seal": Profile("seal", "p256", "ES256", p256, commits=True),
    "seal-rsa": Profile("seal", "rsa3072", "RS256", rsa3072, commits=True),
    "seal-p384": Profile("seal", "p384", "ES384", p384, commits=True),
    "facts": Profile("facts", "p256", "ES256", p256),
    "trust": Profile("trust", "p256", "ES256", p256, extended=TRUST_LIST_SIGNING),
    "tsa": Profile("tsa", "p256", "ES256", p256, extended=ExtendedKeyUsageOID.TIME_STAMPING),
}
"""By the name that `open_signer` takes. All seals publish one purpose, `seal`."""


def make_root(now: datetime) -> Issued:
    """Make a self-signed root that may stand above one authority (path length 1)."""
    key = p384()
    subject = _name(f"{ORGANISATION} root {now.year}")
    builder = _builder(subject, key, now, now + ROOT_YEARS * YEAR).issuer_name(subject)
    builder = _authority(builder, 1).add_extension(_identifier_of_issuer(key), critical=False)
    return Issued(builder.sign(_elliptic(key), hashes.SHA384()), key)


def make_ca(root: Issued, now: datetime) -> Issued:
    """Make the authority that issues every end certificate."""
    key = p384()
    subject = _name(f"{ORGANISATION} CA {now.year}")
    builder = _builder(subject, key, now, _until(root, now, CA_YEARS))
    return _issue(_authority(builder, 0), root, key)


def make_leaf(profile: Profile, ca: Issued, now: datetime) -> Issued:
    """Make an end key and its certificate, which is nobody's authority."""
    key = profile.make_key()
    subject = _name(f"{ORGANISATION} {profile.purpose} {profile.label} {now.year}")
    builder = _builder(subject, key, now, _until(ca, now, LEAF_YEARS))
    builder = builder.add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    builder = builder.add_extension(
        _usage(digital_signature=True, content_commitment=profile.commits), critical=True
    )
    if profile.extended is not None:
        # RFC 3161 2.3: one purpose only, and critical.
        builder = builder.add_extension(x509.ExtendedKeyUsage([profile.extended]), critical=True)
    return _issue(builder, ca, key)


def kid_of(profile: Profile, issued: Issued, now: datetime) -> str:
    """Name a key by what it is for, its year, its kind and its own fingerprint."""
    spki = issued.private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    fingerprint = hashlib.sha256(spki).hexdigest()[:8]
    return f"{profile.purpose}-{now.year}-{profile.label}-{fingerprint}"


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name, key: PrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(identifier, critical=False)
    )


def _authority(builder: x509.CertificateBuilder, length: int) -> x509.CertificateBuilder:
    constraints = x509.BasicConstraints(ca=True, path_length=length)
    usage = _usage(key_cert_sign=True, crl_sign=True)
    return builder.add_extension(constraints, critical=True).add_extension(usage, critical=True)


def _issue(builder: x509.CertificateBuilder, issuer: Issued, key: PrivateKey) -> Issued:
    builder = builder.issuer_name(issuer.certificate.subject)
    builder = builder.add_extension(_identifier_of_issuer(issuer.private), critical=False)
    return Issued(builder.sign(_elliptic(issuer.private), hashes.SHA384()), key)


def _identifier_of_issuer(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _until(issuer: Issued, now: datetime, years: int) -> datetime:
    """No certificate outlives its issuer's."""
    return min(now + years * YEAR, issuer.certificate.not_valid_after_utc)


def _elliptic(key: PrivateKey) -> ec.EllipticCurvePrivateKey:
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("authorities of this hierarchy have elliptic-curve keys")
    return key


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
