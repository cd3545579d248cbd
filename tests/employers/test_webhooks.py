"""Word of a finished job: signed by us, to one address, tried again, and silent about people."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import ECKey
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from bridges import ServiceKey
from employers.clients import Client
from employers.delivery_store import Delivery, SqlDeliveries
from employers.errors import DeliveryFailed
from employers.jobs import Job, JobState, new_job_id
from employers.webhooks import HEADER, TYPE, WAITS, HttpPost, Sending, Signing
from keys import hierarchy, publishing, trust
from tests.employers.desk import NOW, Programs
from tests.listening import answering


class Ear(BaseHTTPRequestHandler):
    """An employer's server."""

    heard: list[tuple[dict[str, str], bytes]]
    status = 204

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.heard.append((dict(self.headers), self.rfile.read(size)))
        self.send_response(self.status)
        if self.status == 307:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()


@pytest.fixture(name="ear")
def _ear() -> Iterator[tuple[str, type[Ear]]]:
    kind = type("OwnEar", (Ear,), {"heard": []})
    with answering(kind) as port:
        yield f"http://127.0.0.1:{port}/hook", kind


@pytest.fixture(scope="module", name="keys")
def _keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hooks") / "keys"
    hierarchy.make(folder, now=NOW - timedelta(days=1))
    publishing.publish(folder, hierarchy.open_signer(folder, "trust"), now=NOW)
    return folder


@pytest.fixture(name="signing")
def _signing(programs: Programs, keys: Path) -> Signing:
    key = ServiceKey(lambda: hierarchy.open_signer(keys, "webhook", clock=lambda: NOW), TYPE)
    return Signing(SqlDeliveries(programs.engine), key)


def a_finished_job(programs: Programs, client: Client) -> Job:
    job = Job(new_job_id(), client.client_id, programs.now, 2)
    programs.jobs.begin(job, new_job_id(), ["0" * 64, "1" * 64], 100)
    assert programs.jobs.end(job.job_id, JobState.FINISHED, programs.now)
    assert not programs.jobs.end(job.job_id, JobState.INTERRUPTED, programs.now)
    return job


def a_sending(programs: Programs, *, local: bool = True) -> Sending:
    return Sending(SqlDeliveries(programs.engine), HttpPost(local=local), programs.clock)


def test_word_arrives_signed_with_a_key_of_the_trust_list(
    programs: Programs, key: ECKey, keys: Path, signing: Signing, ear: tuple[str, type[Ear]]
) -> None:
    """Detached JWS (RFC 7515 appendix F), verified by another library with the published key."""
    job = a_finished_job(programs, programs.register(key, webhook=ear[0]))

    assert signing.work() == 1
    assert a_sending(programs).work() == 1

    ((headers, body),) = ear[1].heard
    told: dict[str, Any] = json.loads(body)
    assert told["jobId"] == job.job_id
    assert set(told) == {
        *("type", "deliveryId", "clientId", "jobId", "state"),
        *("occurredAt", "total", "done", "counts"),
    }
    listed = trust.read((keys / publishing.LIST).read_bytes(), now=NOW)
    (entry,) = listed.entries("webhook")
    certificate = x509.load_der_x509_certificate(entry.certificates[0])
    token = JWS()
    token.allowed_algs = ["ES256"]
    token.deserialize(headers[HEADER])
    token.objects["payload"] = body
    token.verify(JWK.from_pem(certificate.public_bytes(Encoding.PEM)))
    assert token.jose_header["kid"] == entry.kid
    assert token.jose_header["typ"] == TYPE


def test_nothing_is_sent_before_it_is_signed(
    programs: Programs, key: ECKey, ear: tuple[str, type[Ear]]
) -> None:
    a_finished_job(programs, programs.register(key, webhook=ear[0]))

    assert a_sending(programs).work() == 0
    assert ear[1].heard == []


def test_a_client_without_an_address_hears_nothing(
    programs: Programs, key: ECKey, signing: Signing
) -> None:
    a_finished_job(programs, programs.register(key))

    assert signing.work() == 0


@pytest.mark.parametrize("status", [307, 400, 500])
def test_what_was_not_accepted_is_tried_again_later_and_then_never(
    status: int, programs: Programs, key: ECKey, signing: Signing, ear: tuple[str, type[Ear]]
) -> None:
    """Redirects are not followed: they are a refusal like any other."""
    client = programs.register(key, webhook=ear[0])
    a_finished_job(programs, client)
    signing.work()
    ear[1].status = status
    sending = a_sending(programs)

    for tries, wait in enumerate(WAITS, start=1):
        assert sending.work() == 0
        assert len(ear[1].heard) == tries
        programs.now += wait - timedelta(seconds=1)
        sending.work()
        assert len(ear[1].heard) == tries
        programs.now += timedelta(seconds=1)
    sending.work()
    programs.now += timedelta(days=9)
    sending.work()

    assert len(ear[1].heard) == len(WAITS) + 1
    assert SqlDeliveries(programs.engine).states(client.client_id) == (("dead", len(WAITS) + 1),)
    assert len({hashlib.sha256(body).digest() for _, body in ear[1].heard}) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{}/x", "https://127.0.0.1:{}/x", "https://localhost:{}/x"]
)
def test_production_never_connects_to_an_address_inside(url: str) -> None:
    """No SSRF: the name may be anything, the very address that is used is looked at."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        target = url.format(trap.getsockname()[1])
        job = Job(new_job_id(), "c", NOW, 1)
        delivery = Delivery("d", job, target, "{}", "s", 1, NOW)

        with pytest.raises(DeliveryFailed):
            HttpPost()(delivery)
        with pytest.raises(TimeoutError):
            trap.accept()
