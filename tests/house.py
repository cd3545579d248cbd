"""A whole instance for tests that need more than one room: register, keys, sealed extracts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from credentials.extract import Language, Purpose
from register.importing import import_lines
from register.records import AwardRecord, AwardStatus
from register.synthetic.generate import write
from register.synthetic.personas import HARD_PEOPLE
from settings import Settings
from tests.products import every_value
from verifier.sandbox import Sandbox
from wiring import Instance


@dataclass(frozen=True, slots=True)
class SealedExtract:
    """A document that left the house, and the record it states."""

    path: Path
    number: str
    language: Language
    record: AwardRecord


def furnish(folder: Path, people: int = 20, database_url: str = "") -> Instance:
    """A fresh instance with the cast of the synthetic register and test keys."""
    instance = Instance(Settings(home=folder, database_url=database_url))
    write(folder / "people.jsonl", people=people, seed=7)
    import_lines(folder / "people.jsonl", instance.writer)
    instance.keyring.make()
    return instance


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """One furnished instance that tests may add to, but not damage."""
    instance = furnish(tmp_path_factory.mktemp("house"))
    yield instance
    instance.close()


@pytest.fixture(scope="session")
def hard_extracts(house: Instance) -> list[SealedExtract]:
    """The ten hardest people, sealed; the first in three languages, thorough all of them."""
    folder = house.settings.home / "hard"
    folder.mkdir()
    one_of_each = every_value(HARD_PEOPLE, list(Language))
    same_record = product(HARD_PEOPLE[:1], Language)
    return [
        issue(house, award, language, folder / f"{place}-{language}.pdf")
        for place, (award, language) in enumerate(dict.fromkeys([*one_of_each, *same_record]))
    ]


def sealed_extracts(instance: Instance, count: int) -> list[bytes]:
    """So many extracts as holders download them, of diplomas that stand."""
    standing = (
        record
        for record in instance.register.awards()
        if record.award.status is not AwardStatus.WITHDRAWN
    )
    return [
        instance.downloads.extract(record, language, Purpose.GENERAL).document
        for record, language in islice(zip(standing, cycle(Language)), count)
    ]


def issue(instance: Instance, award: str, language: Language, path: Path) -> SealedExtract:
    """Issue one extract and leave it at `path`."""
    record = instance.register.award(award)
    issued = instance.downloads.extract(record, language, Purpose.GENERAL)
    path.write_bytes(issued.document)
    return SealedExtract(path, issued.number, language, record)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One closed room for files, shared by every test that checks one."""
    with Sandbox(size=1) as room:
        yield room


@pytest.fixture(scope="session")
def whole_site(house: Instance, sandbox: Sandbox) -> FastAPI:
    """The whole service over the furnished instance."""
    return serving.whole_site(house, online_verifier(house, sandbox))


@pytest.fixture
def visitor(whole_site: FastAPI) -> Iterator[TestClient]:
    """A browser without a window, on its own session."""
    with TestClient(whole_site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
        yield client


SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
BASE = "http://127.0.0.1:8000"
HERE = ("127.0.0.1", 50_000)
"""A visitor from this machine, whom the guard does not count."""
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


def token_in(page: str) -> str:
    """The hidden value of the first form on a page."""
    found = TOKEN.search(page)
    assert found, page
    return found[1]


def log_in(client: TestClient, persona: str, language: str = "en") -> Response:
    """Log in as somebody of the demo; answers with the first page behind the login."""
    page = client.get(f"/{language}/login").text
    form = {"choice": persona, "form_token": token_in(page)}
    return client.post(f"/{language}/login", data=form)
