"""EMREX: making a large document, whole transfers at once, checking beside xmlsec1, and bombs.

- `handover_p95_ms`: build, sign, check, gzip and base64 with an attachment of 1 MB that does not
  shrink. In this process, with a key in a file.
- `transfers_per_s`: complete transfers (form, login, choice, preview, yes, hand-over, document
  unpacked and verified) against a real service on loopback. Service and holders share this
  machine's cores. Each ends in `NCP_OK` with a valid signature, and as many receipts are kept.
- `open_at_once`: so many transfers that are all open at the same moment, against the same service:
  a third goes through, a third is stopped by its holder, a third has nothing to send. Each ends in
  the one answer that is its own, `lost` says how many did not, and receipts add up.
- `verify_vs_xmlsec1`: the same file, our reader beside `xmlsec1` as a process. Both say the same
  of it by another key, with a changed letter, with the signature of another document, and with
  its own moved to the front; those are not timed.
- `hostile_ms`, `hostile_mb`: the slowest and the largest of what should be refused, each in a
  process of its own.

The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import multiprocessing
import multiprocessing.connection
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from httpx2 import Client, Response, create_ssl_context

from bench.load import serving
from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.profiles import Version
from emrex.making import Made, Maker
from emrex.packing import packed
from emrex.simulating import Outcome, Simulation, boxes
from emrex.validating.report import report
from emrex_wiring import EXTENSIONS, exchange_of
from keys import hierarchy
from keys.custody import SealSigner
from keys.hierarchy import utc_now
from register.records import AwardRecord
from register.synthetic.personas import PERSONAS
from settings import Settings
from tests import judges
from tests.credentials.people import extract
from tests.house import furnish
from wiring import Instance

MEGABYTE = 1 << 20
AUTHORITIES = create_ssl_context()
"""Read once, as a browser does: not by each holder."""
FIRST_TIMES = 3
"""Calls that are not counted: what is kept between calls has to be made once."""


def main() -> None:
    """Measure, and say how it went."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--transfers", type=int, default=600)
    parser.add_argument("--holders", type=int, default=16)
    parser.add_argument("--at-once", type=int, default=200)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        signer = _signer(Path(folder) / "keys")
        figures = making(signer, chosen.documents) | checking(signer, Path(folder))
        home = Path(folder) / "home"
        figures |= refusing()
        figures |= transferring(home, chosen.transfers, chosen.holders, chosen.at_once)
    print(json.dumps(figures))


def _signer(folder: Path) -> SealSigner:
    hierarchy.make(folder, now=utc_now())
    return hierarchy.open_signer(folder, "emrex", clock=utc_now)


@dataclass(frozen=True)
class Heavy:
    """An extract of a megabyte."""

    content: bytes = b"%PDF-1.7\n" + os.urandom(MEGABYTE) + b"\n%%EOF\n"

    def sealed(self, record: AwardRecord) -> tuple[str, bytes]:
        """The same for everybody."""
        del record
        return "en", self.content

    def overview(self, records: Sequence[AwardRecord]) -> tuple[str, bytes]:
        """As large as one extract."""
        del records
        return "en", self.content


def _maker(signer: SealSigner) -> Maker:
    address = EXTENSIONS.format(address="echt.voorbeeld.nl")
    return Maker("https://echt.voorbeeld.nl", address, Heavy(), lambda: signer, utc_now)


def making(signer: SealSigner, count: int) -> dict[str, float]:
    """Documents as they are handed over."""
    maker, records = _maker(signer), [extract("vwo").record]
    times, making_ = [], []
    made, value = maker.document(records, Version.V1_7), ""
    for _ in range(FIRST_TIMES + count):
        start = time.perf_counter()
        made = maker.document(records, Version.V1_7)
        middle = time.perf_counter()
        value = packed(made.content)
        times.append(1000 * (time.perf_counter() - start))
        making_.append(1000 * (middle - start))
    assert gzip.decompress(base64.b64decode(value)) == made.content
    assert len(made.content) > MEGABYTE
    kept = times[FIRST_TIMES:]
    return {
        "handover_p50_ms": round(statistics.median(kept), 1),
        "handover_p95_ms": round(statistics.quantiles(kept, n=20)[18], 1),
        "of_which_making_ms": round(statistics.median(making_[FIRST_TIMES:]), 1),
    }


def checking(signer: SealSigner, folder: Path, count: int = 20) -> dict[str, float]:
    """The same document by our reader and by xmlsec1, in turn, with the same key pinned."""
    made = _maker(signer).document([extract("vwo").record], Version.V1_7)
    _require_same_verdicts(made, signer, folder)
    ours, theirs = [], []
    for _ in range(count):
        here, there, said = _both(made.content, made.certificate, folder)
        assert said == (True, True)
        ours.append(here)
        theirs.append(there)
    ratio = statistics.median(theirs) / statistics.median(ours)
    return {
        "verify_ms": round(1000 * statistics.median(ours), 1),
        "verify_vs_xmlsec1": round(ratio, 2),
    }


def _require_same_verdicts(made: Made, signer: SealSigner, folder: Path) -> None:
    """A reader that is fast and says yes to everything would be no reader."""
    stranger = _signer(folder / "stranger").chain[0]
    other = _maker(signer).document([extract("hbo").record], Version.V1_7)
    for document, is_good in _cases(made.content, other):
        for certificate in (made.certificate, stranger):
            expected = is_good and certificate == made.certificate
            _, _, said = _both(document, certificate, folder)
            assert said == (expected, expected), said


def _both(
    document: bytes, certificate: bytes, folder: Path
) -> tuple[float, float, tuple[bool, bool]]:
    """Seconds that we and xmlsec1 take, and whether each accepts."""
    file, words = _asked(document, certificate, folder)
    start = time.perf_counter()
    found = accept(file.read_bytes(), (certificate,), utc_now())
    middle = time.perf_counter()
    judged = subprocess.run(words, capture_output=True, check=False)
    end = time.perf_counter()
    says = (found.verdict is SignatureVerdict.VALID, judged.returncode == 0)
    return middle - start, end - middle, says


def _cases(whole: bytes, other: Made) -> list[tuple[bytes, bool]]:
    """Documents, and whether the signature of each is right."""
    signature, foreign = map(_signature_in, (whole, other.content))
    bare = whole.replace(signature, b"")
    return [
        (whole, True),
        (whole.replace(b"<status>passed", b"<status>failed", 1), False),
        (bare.replace(b"</elmo>", foreign + b"</elmo>"), False),
        (bare.replace(b"<generatedDate>", signature + b"<generatedDate>", 1), True),
    ]


def _signature_in(document: bytes) -> bytes:
    return document[document.index(b"<Signature ") : document.rindex(b"</elmo>")]


def _asked(document: bytes, certificate: bytes, folder: Path) -> tuple[Path, list[str]]:
    """The document in a file, and how xmlsec1 is asked about it."""
    file, pinned = folder / "elmo.xml", folder / "cert.pem"
    file.write_bytes(document)
    pinned.write_bytes(x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM))
    words = [judges.require("xmlsec1"), "--verify", "--enabled-key-data", "rsa"]
    return file, [*words, "--pubkey-cert-pem", str(pinned), str(file)]


HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "bomb": lambda: base64.b64encode(gzip.compress(bytes(200 * MEGABYTE))),
    "tower": lambda: b"<elmo>" * 2_000_000,
    "elements": lambda: b"<elmo>" + b"<a/>" * 2_000_000 + b"</elmo>",
    "attributes": lambda: b"<elmo %s/>" % b" ".join(b"a%d=''" % n for n in range(500_000)),
    "entities": lambda: b"<!DOCTYPE e [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><elmo>&b;</elmo>",
    "noise": lambda: base64.b64encode(os.urandom(6 * MEGABYTE)),
    "text": lambda: b"<elmo>" + b"x" * (30 * MEGABYTE) + b"</elmo>",
}


def refusing() -> dict[str, float]:
    """The slowest and the largest of what is refused."""
    told = {name: _refused(make()) for name, make in HOSTILE.items()}
    for name, (taken, grown) in told.items():
        print(f"{name:24} {taken:8.1f} ms {grown:8.1f} MB")
    return {
        "hostile_ms": round(max(taken for taken, _ in told.values()), 1),
        "hostile_mb": round(max(grown for _, grown in told.values()), 1),
    }


def _refused(data: bytes) -> tuple[float, float]:
    """Milliseconds, and megabytes that the process grew by; the input is not counted."""
    here, there = multiprocessing.get_context("fork").Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_judge, args=(data, there))
    child.start()
    told: tuple[float, float] = here.recv()
    child.join()
    return told


def _judge(data: bytes, told: multiprocessing.connection.Connection) -> None:
    before = _peak_mb()
    start = time.perf_counter()
    found = report(data, [], utc_now())
    taken = 1000 * (time.perf_counter() - start)
    assert found.signature is not SignatureVerdict.VALID
    told.send((taken, _peak_mb() - before))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def transferring(home: Path, count: int, holders: int, at_once: int) -> dict[str, float]:
    """Whole transfers, that many holders at a time; then as many as are wanted, open at once."""
    home.mkdir()
    furnish(home).close()
    people = [one.key for one in PERSONAS if one.key != "withdrawn"]
    with serving(home) as port:
        address = f"http://127.0.0.1:{port}"
        certificates = _certificates(address)
        for key in people:  # each extract is issued once, whoever asks first
            _transfer(address, key, certificates)
        start = time.perf_counter()
        with ThreadPoolExecutor(holders) as pool:
            keys = [people[place % len(people)] for place in range(count)]
            ends = list(pool.map(lambda key: _transfer(address, key, certificates), keys))
        seconds = time.perf_counter() - start
        _require_receipts(home, len(people) + count)
        mixed = crowding(address, people, certificates, at_once, holders)
    assert all((one.code, one.signature) == ("NCP_OK", "valid") for one in ends), ends
    _require_receipts(home, len(people) + count + len(range(0, at_once, len(MIXED))))
    times = [1000 * sum(one.seconds.values()) for one in ends]
    return {
        "transfers_per_s": round(count / seconds, 1),
        "transfer_p50_ms": round(statistics.median(times), 1),
        "transfer_p99_ms": round(statistics.quantiles(times, n=100)[98], 1),
        "transfers": count,
        **mixed,
    }


MIXED = ("NCP_OK", "NCP_CANCEL", "NCP_NO_RESULTS")
"""What transfers that are open at once end in, in turn."""


def crowding(
    address: str, people: Sequence[str], certificates: Sequence[bytes], count: int, threads: int
) -> dict[str, float]:
    """Every holder takes a step before anybody takes the next one, so that all are open."""
    wanted = [MIXED[place % len(MIXED)] for place in range(count)]
    browsers = [
        Client(follow_redirects=True, timeout=120, verify=AUTHORITIES) for _ in range(count)
    ]
    walks = [Simulation(browser, address, utc_now) for browser in browsers]
    keys = [
        "withdrawn" if code == "NCP_NO_RESULTS" else people[place % len(people)]
        for place, code in enumerate(wanted)
    ]
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        pages = list(pool.map(Simulation.begin, walks))
        pages = list(pool.map(_logged_in, walks, pages, keys))
        pages = list(pool.map(_ended, walks, pages, wanted))
        ends = list(pool.map(lambda walk, page: walk.judged(page, certificates), walks, pages))
    seconds = time.perf_counter() - start
    for browser in browsers:
        browser.close()
    told = [(one.code, one.signature) for one in ends]
    due = [(code, "valid" if code == "NCP_OK" else "") for code in wanted]
    lost = sum(one != other for one, other in zip(told, due, strict=True))
    assert lost == 0, set(told)
    return {"open_at_once": count, "open_seconds": round(seconds, 1), "lost": lost}


def _logged_in(walk: Simulation, page: Response, key: str) -> Response:
    return walk.send(page, "/login", choice=key)


def _ended(walk: Simulation, page: Response, code: str) -> Response:
    """To the answer: those who have nothing are there already."""
    if code == "NCP_CANCEL":
        return walk.send(page, "/stop")
    if code == "NCP_OK":
        page = walk.send(page, "/selection", **boxes(page.text, "/selection"))
        return walk.send(page, "/consent", **boxes(page.text, "/consent"))
    return page


def _certificates(address: str) -> tuple[bytes, ...]:
    with Client() as client:
        told = client.get(f"{address}/emrex/certificates.pem").content
    loaded = x509.load_pem_x509_certificates(told)
    return tuple(one.public_bytes(Encoding.DER) for one in loaded)


def _transfer(address: str, key: str, certificates: tuple[bytes, ...]) -> Outcome:
    with Client(follow_redirects=True, timeout=120, verify=AUTHORITIES) as browser:
        walk = Simulation(browser, address, utc_now)
        return walk.run(key, certificates)


def _require_receipts(home: Path, count: int) -> None:
    """One for each transfer, and none that nobody took part in."""
    instance = Instance(Settings(home=home))
    kept = exchange_of(instance).transfers
    people = [one.person_id for one in PERSONAS]
    assert sum(len(kept.receipts(one)) for one in people) == count
    instance.close()


if __name__ == "__main__":
    main()
