"""A desk for programs over a real database: clients with real keys, and a checker in memory."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient

from employers import api
from employers.access import Access
from employers.assertions import Doorkeeper
from employers.clients import Client, ClientState, keys_in, new_client_id
from employers.errors import EmployerError
from employers.job_store import SqlJobs
from employers.jobs import MAX_BYTES
from employers.spool import Spool
from employers.store import SqlClients
from employers.submitting import Desk
from employers.working import JobRunner
from storage.errors import StorageUnavailable
from verifier.verdict import Verdict, VerdictCode
from web.app import Shell, create_app
from web.errors import WebError
from web.i18n import Language, translations
from web.problems import kinds_of
from web.sessions import MemorySessions, Sessions
from web.templates import Pages, Site

NOW = datetime(2026, 11, 21, 14, 5, 7, tzinfo=UTC)
HOST = "https://testserver"
TOKEN_URL = f"{HOST}{api.TOKEN_PATH}"
SITE = Site(
    address="echt.voorbeeld.nl",
    words=dict.fromkeys(Language, "echt"),
    contact="mailto:hallo@echt.voorbeeld.nl",
    operator="Echt",
)


class WordChecker:
    """Calls a file genuine that says so; waits where it is told to."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def verify(self, data: bytes) -> Verdict:
        self.gate.wait(30)
        self.seen.append(hashlib.sha256(data).hexdigest())
        good = data.startswith(b"genuine")
        code = VerdictCode.GENUINE_CURRENT if good else VerdictCode.CANNOT_CHECK
        reasons = () if good else ("unknown_type",)
        return Verdict(code, (), reasons, (), {"holder": {"name": "Noor"}} if good else None, NOW)


@dataclass
class Programs:
    """Everything that a test about programs needs."""

    engine: Engine
    folder: Path
    now: datetime = NOW
    checker: WordChecker = field(default_factory=WordChecker)
    reported: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clients, self.jobs = SqlClients(self.engine), SqlJobs(self.engine)
        self.runner = JobRunner(self.checker, self.jobs, self.clock, self.reported.append)
        self.spool = Spool(self.folder / "spool")
        door = Doorkeeper(self.clients, (HOST, TOKEN_URL))
        self.access = Access(door, self.clients, self.clock)
        self.desk = Desk(self.jobs, self.spool, self.runner, self.clock)
        self.deps = api.Deps(self.access, self.desk)

    def clock(self) -> datetime:
        return self.now

    def register(self, key: ECKey | RSAKey, **changes: Any) -> Client:
        """A client with that key."""
        public = {**key.as_dict(private=False), "kid": "k1", **changes.pop("jwk", {})}
        algorithm, keys = keys_in(_json({"keys": [public]}))
        values: dict[str, Any] = {
            "client_id": new_client_id(),
            "name": "Bakker",
            "algorithm": algorithm,
            "keys": keys,
            "quota": 2_000,
            "webhook": "",
            "state": ClientState.ACTIVE,
            "created_at": self.now,
        }
        client = Client(**values | changes)
        self.clients.add(client)
        return client

    def assertion(self, key: ECKey | RSAKey, client: Client, **changes: Any) -> str:
        """What a client signs to get in; a value of None leaves it out."""
        claims = {
            "iss": client.client_id,
            "sub": client.client_id,
            "aud": TOKEN_URL,
            "jti": new_client_id(),
            "iat": int(self.now.timestamp()),
            "exp": int((self.now + timedelta(minutes=2)).timestamp()),
        }
        named = {"alg": client.algorithm, "kid": "k1", **changes.pop("header", {})}
        header = {name: value for name, value in named.items() if value is not None}
        claims = {k: v for k, v in {**claims, **changes}.items() if v is not None}
        return jws.serialize_compact(header, _json(claims), key, algorithms=[header["alg"]])

    def token(self, key: ECKey | RSAKey, client: Client) -> dict[str, str]:
        """The header with which this client is let in."""
        return {"Authorization": f"Bearer {self.access.grant(self.assertion(key, client))}"}

    @contextmanager
    def browser(self) -> Iterator[TestClient]:
        """A program that talks to the application."""
        shell = Shell(
            site=SITE,
            pages=Pages(SITE, translations()),
            sessions=Sessions(MemorySessions(), clock=self.clock),
            kinds=kinds_of(WebError, EmployerError, StorageUnavailable),
            clock=self.clock,
            public_url=HOST,
            version="1.0.0",
            larger={api.JOBS_PATH: MAX_BYTES},
        )
        app = create_app(shell, [], [api.router(self.deps), api.oauth_router(self.deps)])
        with TestClient(app, base_url=HOST, raise_server_exceptions=False) as client:
            yield client


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
