"""What a signature costs: key file, held session of a token, a connection for every signature.

All in one run on one token (SoftHSM2); every signature is verified with the certificate's
key. The last line is one JSON object.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys.algorithms import HASHES, verifies
from keys.custody import SealSigner
from keys.files import FileCustody
from keys.pkcs11 import Token
from tests.keys.softhsm import SoftHsm, chain_of, new_softhsm

ROUNDS = {"ES256": 2_000, "ES384": 500, "RS256": 150}
CONNECTIONS = 200
THREADS, SESSIONS = 8, 4


def digest(algorithm: str, number: int) -> bytes:
    """A digest of the algorithm's hash."""
    return hashlib.new(HASHES[algorithm].name, number.to_bytes(4)).digest()


def median_ms(signer: SealSigner, rounds: int) -> float:
    """Median time of one signature; every one is checked afterwards."""
    algorithm = signer.key.algorithm
    public = x509.load_der_x509_certificate(signer.chain[0]).public_key()
    taken, made = [], []
    for number in range(rounds):
        content = digest(algorithm, number)
        start = time.perf_counter()
        made.append(signer.sign_digest(content))
        taken.append(1000 * (time.perf_counter() - start))
    for number, signature in enumerate(made):
        assert verifies(public, algorithm, signature, digest(algorithm, number))
    return statistics.median(taken)


def per_second(signer: SealSigner, rounds: int) -> float:
    """Signatures a second by eight threads over four sessions."""
    public = x509.load_der_x509_certificate(signer.chain[0]).public_key()
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        made = list(threads.map(lambda n: signer.sign_digest(digest("ES256", n)), range(rounds)))
    taken = time.perf_counter() - start
    assert all(verifies(public, "ES256", s, digest("ES256", n)) for n, s in enumerate(made))
    return rounds / taken


def connecting_each_time(token: Token, signer: SealSigner) -> Callable[[int], bytes]:
    """What a pool saves: connect, log in, find the key and sign, for every signature."""

    def sign(number: int) -> bytes:
        token.close()
        return signer.sign_digest(digest("ES256", number))

    return sign


def compare(hsm: SoftHsm, folder: Path) -> dict[str, float]:
    """Figures of every algorithm in file and token, and what holding a session is worth."""
    files, token = FileCustody(folder), hsm.open(sessions=SESSIONS)
    figures: dict[str, float] = {}
    for algorithm, rounds in ROUNDS.items():
        kid = hsm.new_kid(algorithm)
        in_token = token.signer(kid, chain_of(token.generate(kid, algorithm)))
        in_file = _in_file(files, folder, kid, algorithm)
        here, there = median_ms(in_file, rounds), median_ms(in_token, rounds)
        print(f"{algorithm}: file {here:.3f} ms, token {there:.3f} ms, {there / here:.1f} times")
        figures |= {
            f"{algorithm}_file_ms": round(here, 3),
            f"{algorithm}_token_ms": round(there, 3),
        }
        if algorithm == "ES256":
            figures |= _held(token, in_token, there)
    token.close()
    return figures


def _held(token: Token, signer: SealSigner, held_ms: float) -> dict[str, float]:
    rate = per_second(signer, ROUNDS["ES256"])
    again = connecting_each_time(token, signer)
    start = time.perf_counter()
    for number in range(CONNECTIONS):
        assert again(number)
    each_ms = 1000 * (time.perf_counter() - start) / CONNECTIONS
    print(f"P-256 by {THREADS} threads over {SESSIONS} sessions: {rate:,.0f}/s")
    print(f"P-256 with a login each time: {each_ms:.2f} ms, {each_ms / held_ms:.0f} times as long")
    return {
        "ES256_threads_per_s": round(rate),
        "ES256_connect_each_ms": round(each_ms, 2),
        "held_vs_connect_each": round(each_ms / held_ms, 1),
    }


def _in_file(files: FileCustody, folder: Path, kid: str, algorithm: str) -> SealSigner:
    chain = folder / f"{kid}.pem"
    certificates = [
        x509.load_der_x509_certificate(one) for one in chain_of(files.generate(kid, algorithm))
    ]
    chain.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in certificates))
    return files.signer(kid, chain)


def main() -> None:
    """Run everything once and print the figures."""
    with new_softhsm() as hsm, tempfile.TemporaryDirectory() as folder:
        print(json.dumps(compare(hsm, Path(folder))))


if __name__ == "__main__":
    main()
