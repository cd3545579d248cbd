"""Publishing: what the key folder knows becomes a signed list that anybody can fetch.

The serial is spent before the list is written, so two different lists never carry
the same one; and a list is read back by the public reader before it goes out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from keys import durable, jws, moments, outside, outside_book, states, trust
from keys.certificates import whole_seconds
from keys.custody import SealSigner
from keys.errors import KeyUnavailable, TrustListInvalid
from keys.files import load_chain
from keys.outside import OutsideAuthority
from keys.states import KeyBook
from keys.trust import KeyState, TrustList

LIST, BUNDLE = "echt-trust.json", "echt-trust.pem"
LIFETIME = timedelta(days=90)
"""How long a cached copy serves a verifier (verifier.md 3.10)."""


def publish(folder: Path, signer: SealSigner, *, now: datetime, into: Path | None = None) -> None:
    """Write the signed trust list and the certificate bundle, by default in the key folder.

    Raises:
        KeyUnavailable: the folder cannot be read or written, or the key cannot sign.
        TrustListInvalid: the list would be refused by its readers, so it was not written.
    """
    target = folder if into is None else into
    try:
        target.mkdir(parents=True, exist_ok=True)
        with durable.alone(folder):
            authorities = outside_book.load(folder)
            _require_none_dropped(authorities, published(target, now=now))
            book, root = _next_serial(folder), load_chain(folder / "root.pem")[0]
            data = list_of(book, root, signer, now=now, authorities=authorities)
            durable.replace(target / BUNDLE, bundle_of(book), mode=durable.PUBLIC)
            durable.replace(target / LIST, data, mode=durable.PUBLIC)
    except OSError as cause:
        raise KeyUnavailable(f"The trust list cannot be written ({cause.strerror}).") from cause


def publish_if_due(
    folder: Path, signer: SealSigner, *, now: datetime, into: Path | None = None
) -> bool:
    """Publish when there is no good list, or half of its life is over; tell whether it did.

    Raises:
        KeyUnavailable: the folder cannot be read or written, or the key cannot sign.
    """
    current = published(folder if into is None else into, now=now)
    if current is not None and now < current.issued_at + LIFETIME / 2:
        return False
    publish(folder, signer, now=now, into=into)
    return True


def published(folder: Path, *, now: datetime) -> TrustList | None:
    """Read the list that stands in a folder; nothing if there is none, or a damaged one."""
    try:
        return trust.read((folder / LIST).read_bytes(), now=now)
    except (OSError, TrustListInvalid):
        return None


def list_of(
    book: KeyBook,
    root: bytes,
    signer: SealSigner,
    *,
    now: datetime,
    authorities: tuple[OutsideAuthority, ...] = (),
) -> bytes:
    """The signed list of a key book and of outside authorities, read back as any reader would.

    Raises:
        KeyUnavailable: the key cannot sign.
        TrustListInvalid: the list would be refused by its readers.
    """
    listed = [outside.member_of(one) for one in authorities]
    payload = _payload(book, root, whole_seconds(now)) | {"timestampAuthorities": listed}
    data = signed(payload, signer)
    trust.read(data, now=now, pinned_root=root)
    return data


def change_state(folder: Path, kid: str, state: KeyState, *, at: datetime) -> None:
    """Record a new state of a key as of a moment; publishing it is a step of its own.

    Raises:
        UnknownKey: this hierarchy has no such key.
        StateRefused: the life of a key does not go that way.
        CeremonyRefused: this hierarchy is changed by ceremony only.
        KeyUnavailable: the folder cannot be read or written.
    """
    try:
        with durable.alone(folder):
            book = states.load(folder)
            book.refuse_without_ceremony()
            states.save(folder, states.changed(book, kid, state, whole_seconds(at)))
    except OSError as cause:
        raise KeyUnavailable(f"The key folder cannot be used ({cause.strerror}).") from cause


def signed(payload: Mapping[str, object], signer: SealSigner, *, kind: str = jws.TYPE) -> bytes:
    """Wrap a payload and sign it with a P-256 key; the chain travels along, root left out."""
    if signer.key.algorithm != "ES256":
        raise ValueError("a trust list is signed with ES256")
    header = {
        "alg": "ES256",
        "kid": signer.key.kid,
        "typ": kind,
        "x5c": [base64.b64encode(one).decode() for one in signer.chain[:-1]],
    }
    protected, body = jws.encode(jws.canonical(header)), jws.encode(jws.canonical(payload))
    digest = hashlib.sha256(f"{protected}.{body}".encode()).digest()
    r, s = decode_dss_signature(signer.sign_digest(digest))
    signature = jws.encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))  # RFC 7518 3.4
    return jws.canonical({"payload": body, "protected": protected, "signature": signature})


def _require_none_dropped(
    authorities: tuple[OutsideAuthority, ...], last: TrustList | None
) -> None:
    """Documents that an authority stamped live on, so no list forgets it."""
    if last is not None and not outside.all_follow(authorities, last.authorities):
        raise TrustListInvalid(
            "The list that is published names a time-stamp authority that the key folder does not, "
            f"or an earlier end: restore {outside_book.FOLDER}/ from the backup."
        )


def _next_serial(folder: Path) -> KeyBook:
    book = states.load(folder)
    book = replace(book, serial=book.serial + 1)
    states.save(folder, book)
    return book


def _payload(book: KeyBook, root: bytes, now: datetime) -> dict[str, object]:
    return {
        "format": trust.FORMAT,
        "version": trust.VERSION,
        "issuer": book.issuer,
        "issuedAt": moments.written(now),
        "expiresAt": moments.written(now + LIFETIME),
        "serial": book.serial,
        "roots": [base64.b64encode(root).decode()],
        "keys": [trust.member_of(entry) for entry in book.keys],
    }


def bundle_of(book: KeyBook) -> bytes:
    """Authorities first, then every key but a compromised one; each under a line that names it.

    Outside authorities are not in it: who takes the file for anchors would believe all they issue.
    """
    trusted = [one for one in book.keys if one.state is not KeyState.COMPROMISED]
    above = dict.fromkeys(der for one in book.keys for der in reversed(one.certificates[1:]))
    named = [(one.kid, one.certificates[0]) for one in trusted]
    return b"".join(_pem("authority", der) for der in above) + b"".join(
        _pem(kid, der) for kid, der in named
    )


def _pem(name: str, der: bytes) -> bytes:
    certificate = x509.load_der_x509_certificate(der)
    subject = certificate.subject.rfc4514_string()
    return f"# {name}: {subject}\n".encode() + certificate.public_bytes(Encoding.PEM)
