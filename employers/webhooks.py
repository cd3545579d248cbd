"""Word to a client that a job is over: signed by us, sent only where the operator allowed.

Signing and sending are two steps over a queue, so that the process with the keys never
talks to strangers, and the process that does has no key. What is said is counts; nobody's
file, name or number is in it.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from employers.delivery_store import Delivery, SqlDeliveries
from employers.errors import DeliveryFailed, RegistrationRefused
from employers.targets import check_target, is_public
from keys import jws
from keys.moments import written
from keys.posting import Line, exchange

TYPE = "echt-webhook+jws"
HEADER = "Echt-Signature"
EVENT = "verification-job.ended"
SECONDS = 10.0
CLAIM = timedelta(minutes=2)
AT_ONCE = 20
"""Words that one pass sends at most, so that a stop need not wait for all of them."""
WAITS = tuple(timedelta(minutes=one) for one in (1, 5, 30, 120, 360, 720))
"""Before the second, third, … try; after the last one nobody tries again."""


class Signer(Protocol):
    """The key for webhooks, wherever it is."""

    def sign(self, payload: Mapping[str, object]) -> bytes:
        """A flattened JWS of type `echt-webhook+jws` over the payload."""
        ...


def body_of(delivery: Delivery) -> dict[str, object]:
    """What is said: which job, how it ended, and how many documents got each verdict."""
    job = delivery.job
    return {
        "type": EVENT,
        "deliveryId": delivery.delivery_id,
        "clientId": job.client_id,
        "jobId": job.job_id,
        "state": job.state.value,
        "occurredAt": written(delivery.created_at),
        "total": job.total,
        "done": job.done,
        "counts": dict(sorted(job.counts.items())),
    }


@dataclass(frozen=True, slots=True)
class Signing:
    """Signs what waits; belongs where keys are opened."""

    deliveries: SqlDeliveries
    signer: Signer

    def work(self) -> int:
        """Sign everything that waits; says how many.

        Raises:
            KeysError: the key cannot be used now; the words wait.
        """
        waiting = self.deliveries.unsigned()
        for one in waiting:
            parts = jws.parse(self.signer.sign(body_of(one)))
            body = jws.decode(parts["payload"]).decode()
            # Detached content: RFC 7515 appendix F.
            signature = f"{parts['protected']}..{parts['signature']}"
            self.deliveries.sign(one.delivery_id, body, signature)
        return len(waiting)


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends what is due; belongs where the network is."""

    deliveries: SqlDeliveries
    post: Callable[[Delivery], None]
    clock: Callable[[], datetime]

    def work(self) -> int:
        """Send what is due, so many at most; says how many arrived."""
        arrived = 0
        for _ in range(AT_ONCE):
            one = self.deliveries.claim(self.clock(), self.clock() + CLAIM)
            if one is None:
                break
            try:
                self.post(one)
            except DeliveryFailed:
                self.deliveries.failed(one.delivery_id, self._again(one.tries))
            else:
                self.deliveries.delivered(one.delivery_id)
                arrived += 1
        return arrived

    def _again(self, tries: int) -> datetime | None:
        return self.clock() + WAITS[tries - 1] if tries <= len(WAITS) else None


class HttpPost:
    """Sends over HTTPS to public addresses only; nothing is followed and nothing is read back."""

    def __init__(self, *, local: bool = False, context: ssl.SSLContext | None = None) -> None:
        self._local = local
        self._context = context or ssl.create_default_context()

    def __call__(self, delivery: Delivery) -> None:
        """Bring one word to its address.

        Raises:
            DeliveryFailed: no answer of the 200s in ten seconds, or an address not allowed.
        """
        headers = {"Content-Type": "application/json", HEADER: delivery.signature}
        try:
            parts = check_target(delivery.url, local=self._local)
            with Line(SECONDS, allows=self._allows) as line:
                answer = exchange(line, parts, delivery.body.encode(), headers, self._context)
                status = answer.status
        except (
            RegistrationRefused,
            OSError,
            http.client.HTTPException,
            ValueError,
        ) as cause:
            raise DeliveryFailed("The webhook did not arrive.") from cause
        if not 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 15.3
            raise DeliveryFailed("The webhook was not accepted.")

    def _allows(self, address: str) -> bool:
        return is_public(address) or (self._local and ipaddress.ip_address(address).is_loopback)
