"""The certificates of a test hierarchy, and what each kind of key may be used for.

Profiles follow RFC 5280 and pdf.md 3.6. Every name says TEST: nobody can mistake one
of these certificates for an authority's.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from keys.chains import TRUST_LIST_SIGNING
from keys.files import PrivateKey

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

ORGANISATION = "Echt TEST"
PKI = "http://echt.voorbeeld.nl/pki"
"""Where the certificates of a test hierarchy say that revocation is published.

Plain HTTP, because a checker of HTTPS would need what it fetches there (RFC 5280 8).
"""
YEAR = timedelta(days=365, hours=6)
ROOT_YEARS, CA_YEARS, LEAF_YEARS = 20, 10, 3


@dataclass(frozen=True, slots=True)
class Names:
    """Who a hierarchy belongs to, what its authorities are called, and how long they live."""

    country: str
    """Two letters, ISO 3166-1."""
    organisation: str
    root: str
    ca: str
    root_years: int = ROOT_YEARS
    ca_years: int = CA_YEARS

    @classmethod
    def of_tests(cls, now: datetime) -> Names:
        """Names that nobody can mistake for an authority's."""
        year = now.year
        return cls("NL", ORGANISATION, f"{ORGANISATION} root {year}", f"{ORGANISATION} CA {year}")

    def subject(self, common: str) -> x509.Name:
        """The full name of one of its authorities."""
        return _name(self.country, self.organisation, common)


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
    checks_others: bool = False
    """Whether it answers for revocation itself, so that nobody need ask about it."""


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
    "ocsp": Profile(
        "ocsp",
        "p256",
        "ES256",
        p256,
        extended=ExtendedKeyUsageOID.OCSP_SIGNING,
        checks_others=True,
    ),
    "emrex": Profile("emrex", "rsa3072", "RS256", rsa3072),
    "receipt": Profile("receipt", "p256", "ES256", p256),
    "webhook": Profile("webhook", "p256", "ES256", p256),
}
"""By the name that `open_signer` takes. All seals publish one purpose, `seal`."""


def make_root(now: datetime, names: Names | None = None) -> Issued:
    """Make a self-signed root that may stand above one authority (path length 1)."""
    names = names or Names.of_tests(now)
    key = p384()
    subject = names.subject(names.root)
    end = now + names.root_years * YEAR
    builder = _builder(subject, key.public_key(), now, end).issuer_name(subject)
    builder = _authority(builder, 1).add_extension(_identifier_of_issuer(key), critical=False)
    return Issued(builder.sign(_elliptic(key), hashes.SHA384()), key)


def make_ca(root: Issued, now: datetime, names: Names | None = None, *, pki: str = PKI) -> Issued:
    """Make the authority that issues every end certificate; `pki` as for `make_leaf`."""
    names = names or Names.of_tests(now)
    key = p384()
    end = _until(root, now, names.ca_years)
    builder = _builder(names.subject(names.ca), key.public_key(), now, end)
    builder = _revocation_list(_authority(builder, 0), f"{pki}/root.crl")
    builder = _information(builder, issuer=f"{pki}/root.cer")
    return Issued(_issue(builder, root), key)


def make_leaf(profile: Profile, ca: Issued, now: datetime, *, pki: str = PKI) -> Issued:
    """Make an end key and its certificate, which is nobody's authority.

    `pki` is the address under which the authority publishes what it revoked.
    """
    key = profile.make_key()
    return Issued(certify(profile, key.public_key(), ca, now, pki=pki), key)


def certify(  # noqa: PLR0913 - what a certificate says
    profile: Profile,
    public: PublicKey,
    ca: Issued,
    now: datetime,
    *,
    years: int = LEAF_YEARS,
    pki: str = PKI,
) -> x509.Certificate:
    """Issue the certificate of an end key that was made elsewhere, in a token for instance."""
    country, organisation = (
        str(ca.certificate.subject.get_attributes_for_oid(kind)[0].value)
        for kind in (NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME)
    )
    common = f"{organisation} {profile.purpose} {profile.label} {now.year}"
    subject = _name(country, organisation, common)
    builder = _builder(subject, public, now, _until(ca, now, years))
    builder = builder.add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    builder = builder.add_extension(
        _usage(digital_signature=True, content_commitment=profile.commits), critical=True
    )
    if profile.extended is not None:
        # RFC 3161 2.3: one purpose only, and critical.
        builder = builder.add_extension(x509.ExtendedKeyUsage([profile.extended]), critical=True)
    return _issue(_with_revocation(builder, profile, pki), ca)


def new_kid(profile: Profile, now: datetime) -> str:
    """Name a key that is still to be made: a token wants the name first."""
    return f"{profile.purpose}-{now.year}-{profile.label}-{secrets.token_hex(4)}"


def _name(country: str, organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name, public: PublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(identifier, critical=False)
    )


def _authority(builder: x509.CertificateBuilder, length: int) -> x509.CertificateBuilder:
    constraints = x509.BasicConstraints(ca=True, path_length=length)
    usage = _usage(key_cert_sign=True, crl_sign=True)
    return builder.add_extension(constraints, critical=True).add_extension(usage, critical=True)


def _with_revocation(
    builder: x509.CertificateBuilder, profile: Profile, pki: str
) -> x509.CertificateBuilder:
    """Say where to ask whether the certificate was revoked; the one that answers is not asked."""
    if profile.checks_others:
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)  # RFC 6960 4.2.2.2.1
        return _information(builder, issuer=f"{pki}/ca.cer")
    builder = _revocation_list(builder, f"{pki}/ca.crl")
    return _information(builder, issuer=f"{pki}/ca.cer", ocsp=f"{pki}/ocsp")


def _revocation_list(builder: x509.CertificateBuilder, url: str) -> x509.CertificateBuilder:
    """RFC 5280 4.2.1.13."""
    place = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    return builder.add_extension(x509.CRLDistributionPoints([place]), critical=False)


def _information(
    builder: x509.CertificateBuilder, *, issuer: str, ocsp: str | None = None
) -> x509.CertificateBuilder:
    """RFC 5280 4.2.2.1: where the responder is, and the issuer's own certificate."""
    access = AuthorityInformationAccessOID
    places = [(access.OCSP, ocsp)] if ocsp else []
    places.append((access.CA_ISSUERS, issuer))
    described = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(url))
        for method, url in places
    ]
    return builder.add_extension(x509.AuthorityInformationAccess(described), critical=False)


def _issue(builder: x509.CertificateBuilder, issuer: Issued) -> x509.Certificate:
    builder = builder.issuer_name(issuer.certificate.subject)
    builder = builder.add_extension(_identifier_of_issuer(issuer.private), critical=False)
    return builder.sign(_elliptic(issuer.private), hashes.SHA384())


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
