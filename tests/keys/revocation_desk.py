"""A revocation desk for tests: a key to lose, questions to ask, answers to read."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import ocsp as asn1
from cryptography.x509 import ocsp as judge

from keys import crl, hierarchy, publishing
from keys.crl import RevocationList, serial_of
from keys.ocsp import CertificateId
from keys.revoking import RevocationIssuer
from keys.trust import KeyState
from tests.keys.conftest import NOW, Chain

START = NOW.replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def compromise(folder: Path, purpose: str, since: datetime) -> int:
    signer = hierarchy.open_signer(folder, purpose)
    publishing.change_state(folder, signer.key.kid, KeyState.COMPROMISED, at=since)
    return serial_of(signer.chain[0])


def said(issuer: RevocationIssuer, chain: Chain) -> judge.OCSPResponse:
    return judge.load_der_ocsp_response(issuer.data_for(chain).ocsps[0])


def listed(into: Path, name: str, issuer: bytes) -> RevocationList:
    return crl.read((into / name).read_bytes(), issuer)


def contents(into: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in into.iterdir()}


def answer(data: bytes) -> judge.OCSPResponse:
    return judge.load_der_ocsp_response(data)


def request_for(*asked: CertificateId) -> bytes:
    listed_ = [
        {
            "req_cert": {
                "hash_algorithm": {"algorithm": one.hash_name},
                "issuer_name_hash": one.issuer_name,
                "issuer_key_hash": one.issuer_key,
                "serial_number": one.serial,
            }
        }
        for one in asked
    ]
    return bytes(asn1.OCSPRequest({"tbs_request": {"request_list": listed_}}).dump())
