"""The promise under test: a key in a token signs, never leaves, and outlives mishaps.

What damages the token runs in a process of its own: a module is the process's own.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from keys.algorithms import HASHES, verifies
from keys.cryptoki import Cryptoki
from keys.errors import KeyRefused, KeyUnavailable
from keys.pins import read_pin
from keys.pkcs11 import Pkcs11Signer, Token, TokenCustody
from tests.judges import ROOT
from tests.keys.softhsm import PIN, SoftHsm, chain_of, init

ALGORITHMS = ["ES256", "ES384", "RS256"]


def new_signer(token: Token, softhsm: SoftHsm, algorithm: str = "ES256") -> Pkcs11Signer:
    kid = softhsm.new_kid(algorithm)
    return token.signer(kid, chain_of(token.generate(kid, algorithm)))


def test_a_key_is_made_with_the_size_that_its_algorithm_asks(
    hsm_token: Token, softhsm: SoftHsm
) -> None:
    made = {name: hsm_token.generate(softhsm.new_kid(name), name) for name in ALGORITHMS}

    assert isinstance(made["ES256"], ec.EllipticCurvePublicKey)
    assert isinstance(made["ES384"], ec.EllipticCurvePublicKey)
    assert isinstance(made["RS256"], rsa.RSAPublicKey)
    assert [key.key_size for key in made.values()] == [256, 384, 3072]


def test_a_key_that_is_not_there_is_named(hsm_token: Token) -> None:
    stranger = chain_of(ec.generate_private_key(ec.SECP256R1()).public_key())

    with pytest.raises(KeyUnavailable, match="holds no key named nobody"):
        hsm_token.signer("nobody", stranger)


def test_eight_threads_with_three_keys_get_their_own_good_signatures(
    hsm_token: Token, softhsm: SoftHsm
) -> None:
    """platform.md 4.1.19, on the real module: four sessions, eight threads, three algorithms."""
    signers = [new_signer(hsm_token, softhsm, name) for name in ALGORITHMS]
    publics = {s.key.kid: x509.load_der_x509_certificate(s.chain[0]).public_key() for s in signers}

    def sign(number: int) -> bool:
        signer = signers[number % 16 % 3]
        hash_name = HASHES[signer.key.algorithm].name
        digest = hashlib.new(hash_name, number.to_bytes(4)).digest()
        signature = signer.sign_digest(digest)
        return verifies(publics[signer.key.kid], signer.key.algorithm, signature, digest)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(sign, range(1_600)))


def test_custody_in_a_token_is_welcome_in_production(
    hsm_token: Token, softhsm: SoftHsm, tmp_path: Path
) -> None:
    custody, kid = TokenCustody(hsm_token), softhsm.new_kid("seal")
    chain = chain_of(custody.generate(kid, "ES256"))
    file = tmp_path / "chain.pem"
    file.write_text("".join(_pem(one) for one in chain))

    signer = custody.signer(kid, file)

    assert signer.chain == chain
    assert signer.key.kid == kid


def test_no_text_about_a_token_holds_its_pin(hsm_token: Token, softhsm: SoftHsm) -> None:
    signer = new_signer(hsm_token, softhsm)

    assert PIN not in f"{hsm_token!r} {signer!r} {TokenCustody(hsm_token)!r}"


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"1234", 0o644, "set its mode to 0600"),
        (b"", 0o600, "the PIN and nothing else"),
        (b"\xff\xfe", 0o600, "the PIN and nothing else"),
        (b"1" * 300, 0o600, "the PIN and nothing else"),
    ],
)
def test_a_file_that_is_no_safe_pin_is_refused(
    tmp_path: Path, content: bytes, mode: int, reason: str
) -> None:
    file = tmp_path / "pin"
    file.write_bytes(content)
    file.chmod(mode)

    with pytest.raises(KeyUnavailable, match=reason):
        read_pin(file)


def test_a_missing_pin_is_said_before_anything_is_opened(tmp_path: Path) -> None:
    driver = Cryptoki(tmp_path / "no.so", "none", tmp_path / "no-pin")

    with pytest.raises(KeyUnavailable, match="file with the PIN cannot be read"):
        driver.connect(1)


def test_a_module_that_is_not_there_says_so(tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("1234")
    (tmp_path / "pin").chmod(0o600)
    driver = Cryptoki(tmp_path / "no.so", "none", tmp_path / "pin")

    with pytest.raises(KeyUnavailable, match=r"file is not there.*ECHT_TOKEN__MODULE"):
        driver.connect(1)


def test_a_second_token_object_on_the_same_module_is_refused(
    hsm_token: Token, softhsm: SoftHsm
) -> None:
    """One initialisation per process: a second one would end the sessions of the first."""
    signer = new_signer(hsm_token, softhsm)

    with pytest.raises(KeyUnavailable, match="open already"):
        softhsm.open().generate(softhsm.new_kid("second"), "ES256")

    assert signer.sign_digest(bytes(32))


# --- what happens to tokens -----------------------------------------------------------

PREAMBLE = """
import ctypes, hashlib, os, sys
from pathlib import Path
from concurrent.futures import ThreadPoolExecutor
from keys.errors import KeyRefused, KeyUnavailable
from keys.pkcs11 import open_token
from tests.keys.softhsm import LABEL, PIN, chain_of
folder, module = Path(sys.argv[1]), Path(sys.argv[2])
token = open_token(module, LABEL, folder / "pin", sessions=3, patience=30)
def refused(what, kind=KeyUnavailable):
    try:
        what()
    except kind as error:
        assert PIN not in repr(error) + error.reason
        return error.reason
    raise SystemExit("not refused")
def signer(kid="seal", algorithm="ES256"):
    return token.signer(kid, chain_of(token.generate(kid, algorithm)))
DIGEST = bytes(32)
"""


@pytest.fixture(name="own_token")
def _own_token(tmp_path: Path) -> SoftHsm:
    return init(tmp_path)


def run(token: SoftHsm, script: str) -> str:
    """Run lines against a token in a process of their own; returns what they print."""
    command = [sys.executable, "-W", "error", "-c", PREAMBLE + script]
    finished = subprocess.run(
        [*command, str(token.folder), str(token.module)],
        env=token.environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    assert PIN not in finished.stdout + finished.stderr
    return finished.stdout


def test_a_token_that_is_pulled_out_and_put_back_seals_again_without_a_restart(
    own_token: SoftHsm,
) -> None:
    said = run(
        own_token,
        """
mine = signer()
os.rename(folder / "tokens", folder / "away")
for _ in range(3):
    reason = refused(lambda: mine.sign_digest(DIGEST))
os.rename(folder / "away", folder / "tokens")
assert mine.sign_digest(DIGEST)
print(reason)
""",
    )

    assert "check that it is connected" in said


def test_a_token_pulled_out_under_eight_threads_gives_good_signatures_or_a_reason(
    own_token: SoftHsm,
) -> None:
    run(
        own_token,
        """
from cryptography import x509
from keys.algorithms import verifies
mine = signer()
public = x509.load_der_x509_certificate(mine.chain[0]).public_key()
def sign(number):
    digest = hashlib.sha256(number.to_bytes(4)).digest()
    try:
        signature = mine.sign_digest(digest)
    except KeyUnavailable:
        return False
    assert verifies(public, "ES256", signature, digest)
    return True
with ThreadPoolExecutor(8) as threads:
    assert all(threads.map(sign, range(400)))
    running = [threads.submit(sign, number) for number in range(1000)]
    while not running[200].done():
        pass
    os.rename(folder / "tokens", folder / "away")
    assert any(one.result() for one in running)
    assert not any(threads.map(sign, range(50)))
    os.rename(folder / "away", folder / "tokens")
    assert all(threads.map(sign, range(400)))
""",
    )


def test_sessions_that_the_module_closed_are_opened_again(own_token: SoftHsm) -> None:
    run(
        own_token,
        """
mine = signer()
library = ctypes.CDLL(str(module))
library.C_GetSlotList.argtypes = [ctypes.c_ubyte, ctypes.c_void_p, ctypes.c_void_p]
slots, count = (ctypes.c_ulong * 8)(), ctypes.c_ulong(8)
assert library.C_GetSlotList(1, slots, ctypes.byref(count)) == 0
for slot in slots[:count.value]:
    library.C_CloseAllSessions(ctypes.c_ulong(slot))
assert mine.sign_digest(DIGEST)
with ThreadPoolExecutor(8) as threads:
    assert all(threads.map(mine.sign_digest, [DIGEST] * 200))
""",
    )


def test_a_wrong_pin_is_tried_once_and_not_again_until_its_file_changes(
    own_token: SoftHsm,
) -> None:
    """A token locks itself after a few wrong PINs; a busy service would lock it in a second."""
    said = run(
        own_token,
        """
(folder / "pin").write_text("wrong-one")
reasons = [refused(lambda: token.generate("seal", "ES256")) for _ in range(5)]
(folder / "pin").write_text(PIN)
assert signer().sign_digest(DIGEST)
print("|".join(reasons))
""",
    )

    first, *others = said.split("|")
    assert "PinIncorrect" in first
    assert all("not tried again" in one for one in others)


def test_a_token_that_is_not_there_is_named_and_found_when_it_comes(own_token: SoftHsm) -> None:
    said = run(
        own_token,
        """
other = open_token(module, "another", folder / "pin")
print(refused(lambda: other.generate("seal", "ES256")))
other.close()
assert signer().sign_digest(DIGEST)
""",
    )

    assert "no token labelled another" in said


def test_a_key_that_could_be_taken_out_is_not_used(own_token: SoftHsm) -> None:
    said = run(
        own_token,
        """
import pkcs11
from pkcs11 import Attribute, KeyType
from pkcs11.util.ec import encode_named_curve_parameters
public = token.generate("proper", "ES256")
with token._pool.session() as held, held._session.token.open(rw=True) as own:
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    own.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
        label="loose", store=True, private_template={Attribute.EXTRACTABLE: True})
print(refused(lambda: token.signer("loose", chain_of(public)), KeyRefused))
assert token.signer("proper", chain_of(public)).sign_digest(DIGEST)
""",
    )

    assert "could be taken out" in said
    assert KeyRefused("x").kind == "key-refused"


def test_a_forked_child_refuses_and_its_parent_goes_on(own_token: SoftHsm) -> None:
    run(
        own_token,
        """
mine = signer()
child = os.fork()
if child == 0:
    os._exit(0 if "fork" in refused(lambda: mine.sign_digest(DIGEST)) else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert mine.sign_digest(DIGEST)
""",
    )


def test_a_key_outlives_the_process_that_made_it(own_token: SoftHsm, tmp_path: Path) -> None:
    store = tmp_path / "chain.der"
    run(
        own_token,
        f"""
mine = signer()
Path({str(store)!r}).write_bytes(mine.chain[0])
""",
    )

    run(
        own_token,
        f"""
chain = (Path({str(store)!r}).read_bytes(),)
assert token.signer("seal", chain).sign_digest(DIGEST)
""",
    )

    assert not any(b"PRIVATE KEY" in file.read_bytes() for file in _files(own_token.folder))


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def _pem(der: bytes) -> str:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()
