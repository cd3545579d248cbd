"""OpenSSL as a time-stamping authority that is not ours: own key, own certificate, own code."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests import judges

POLICY = "1.2.3.4.1"
P256 = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
P384 = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384")
RSA = ("-newkey", "rsa:2048")
CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
x509_extensions = tsa_certificate
[name]
CN = Independent TEST authority
[tsa_certificate]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[tsa]
default_tsa = independent
[independent]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = {digest}
default_policy = {policy}
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class OpensslAuthority:
    """`openssl ts -reply`, one process for each question; its clock is the machine's."""

    policy = POLICY

    def __init__(
        self, folder: Path, *, digest: str = "sha256", key: tuple[str, ...] = P256
    ) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._config = folder / "tsa.cnf"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "serial").write_text("01")
        text = CONFIGURATION.format(folder=folder, policy=POLICY, digest=digest)
        self._config.write_text(text)
        files = ("-nodes", "-keyout", folder / "tsa.key", "-out", folder / "tsa.pem")
        _openssl("req", "-x509", "-config", self._config, *key, *files, "-days", "30")

    @property
    def certificate_file(self) -> Path:
        """The same in PEM."""
        return self._folder / "tsa.pem"

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """Its one certificate, which it signed itself."""
        pem = (self._folder / "tsa.pem").read_bytes()
        return (x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER),)

    def respond(self, request: bytes) -> bytes:
        """Answer a TimeStampReq."""
        with self._lock:  # its file of serials knows no lock
            asked, answer = self._folder / "query.tsq", self._folder / "answer.tsr"
            asked.write_bytes(request)
            files = ("-config", self._config, "-queryfile", asked, "-out", answer)
            _openssl("ts", "-reply", *files)
            return answer.read_bytes()


def _openssl(*words: str | Path) -> None:
    command = [judges.require("openssl"), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
