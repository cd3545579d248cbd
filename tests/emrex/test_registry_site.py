"""What pages and readiness say of registries: names, ages, and alarms that stop nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.registry.entry import Entry
from emrex.simulating import Simulation
from emrex_wiring import entry_of
from registry_wiring import Neighbours, beside, neighbours_of
from settings import RegistrySettings, Settings
from tests.credentials.people import extract
from tests.emrex.conftest import Desk
from tests.emrex.registries import Shop, catalogue, open_shop
from tests.house import BASE, HERE, SAME_ORIGIN, furnish
from verifier.sandbox import Sandbox
from wiring import Instance, now

THEIRS = "https://emc.oulu.fi/back"


@dataclass
class Clock:
    """The time, and as much later as a test says."""

    later: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return now() + self.later


@dataclass(frozen=True, slots=True)
class World:
    """A site that asks one registry."""

    client: TestClient
    shop: Shop
    clock: Clock
    neighbours: Neighbours
    entry: Entry
    stranger: bytes

    def list_us(self, *certificates: bytes, url: str = "") -> None:
        """Have the registry list us so, and somebody else; and see what it says."""
        ours = (url or self.entry.url, certificates or self.entry.certificates)
        self.shop.body = catalogue(ours, (THEIRS, (self.stranger,)), name="Oulu")
        self.shop.etag = f'"{hash(self.shop.body)}"'
        self.pull()

    def pull(self) -> None:
        """As the thread beside the site does, an hour later."""
        self.clock.later += timedelta(hours=1)
        self.neighbours.registries.pull()
        self.neighbours.watch.look()

    def warnings(self) -> dict[str, str]:
        answer = self.client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["status"] == "ok"
        told: dict[str, str] = answer.json()["warnings"]
        return told


@pytest.fixture(name="world")
def _world(tmp_path: Path, desk: Desk, sandbox: Sandbox) -> Iterator[World]:
    furnish(tmp_path, people=1).close()
    with open_shop(Shop(kind="text/xml")) as shop:
        chosen = RegistrySettings(addresses=(shop.address,))
        clock = Clock()
        instance = Instance(Settings(home=tmp_path, registry=chosen), clock)
        neighbours = neighbours_of(instance)
        site = serving.whole_site(
            instance, online_verifier(instance, sandbox), neighbours=neighbours
        )
        with TestClient(site, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as client:
            stranger = desk.stranger.chain[0]
            yield World(client, shop, clock, neighbours, entry_of(instance), stranger)
        instance.close()


def test_a_receiver_has_the_name_of_the_registry_with_its_age(world: World) -> None:
    """emrex.md 4.22 and 4.82: the host always, the name with its source; one box to tick."""
    walk = Simulation(world.client, "", now, return_url=THEIRS)
    before = walk.begin()
    assert "We do not know who this is" in before.text
    world.list_us()

    page = walk.send(walk.begin(), "/login", choice="vwo")

    assert "<b>Oulu (FI)</b>" in page.text
    assert "emc.oulu.fi" in page.text
    assert "The name is from the EMREX registry, as we last read it on" in page.text
    assert "We do not know who this is" not in page.text
    record = re.findall(r'name="record" value="([^"]+)"', page.text)
    page = walk.send(page, "/selection", record=record)
    assert page.text.count('name="yes"') == 1
    world.shop.status, world.shop.etag = 404, ""
    world.clock.later += timedelta(days=3)
    world.neighbours.registries.pull()
    assert "<b>Oulu (FI)</b>" in walk.begin().text


def test_the_validator_knows_others_by_the_registry_and_says_how_old_that_is(
    world: World, desk: Desk
) -> None:
    """emrex.md 3.5.5: any registry certificate, else the signer is not in the registry."""
    other = Desk(desk.stranger, desk.signer).document([extract("hbo").record])
    file = {"file": ("a.xml", other)}
    before = world.client.post("/api/v1/elmo-validations", files=file).json()
    assert before["reason"] == "signer-not-in-registry"
    assert "We know our own certificates only." in world.client.get("/en/emrex/validate").text

    world.list_us()

    assert world.client.post("/api/v1/elmo-validations", files=file).json()["signature"] == "valid"
    for lang, words in (("en", "as we last read it on"), ("nl", "voor het laatst lazen op")):
        assert words in world.client.get(f"/{lang}/emrex/validate").text


def test_an_outage_is_a_warning_and_no_outage_of_ours(world: World) -> None:
    """emrex.md 4.82."""
    assert world.warnings() == {"registry": "missing", "registry-entry": "ok"}
    world.list_us()
    assert world.warnings() == {"registry": "ok", "registry-entry": "ok"}

    world.shop.status, world.shop.etag = 503, ""
    world.clock.later += timedelta(days=2)
    world.pull()

    assert world.warnings() == {"registry": "stale", "registry-entry": "ok"}


def test_an_entry_of_ours_that_was_changed_is_an_alarm(world: World) -> None:
    """emrex.md 3.7: registry tampering."""
    world.list_us(*world.entry.certificates, world.stranger)
    assert world.warnings()["registry-entry"] == "unknown-certificate"
    world.list_us(url="https://elsewhere.example.nl/emrex/init")
    assert world.warnings()["registry-entry"] == "other-address"
    world.list_us()
    assert world.warnings()["registry-entry"] == "ok"


def test_without_a_registry_nobody_is_asked_and_nothing_is_warned_of(house: Instance) -> None:
    """Off by default."""
    assert Settings().registry is None
    neighbours = neighbours_of(house)
    neighbours.registries.pull()

    with beside(house, neighbours):
        assert neighbours.registries.as_of is None
    assert (neighbours.registries.warning, neighbours.certificates) == ("", ())
    assert not (house.settings.home / "registry").exists()


@pytest.mark.parametrize(
    "address",
    [
        "http://registry.example.eu/list",
        "http://127.0.0.1.example.eu/",
        "http://localhost@example.eu/",
        "https://user:word@registry.example.eu/",
        "https://",
        "ftp://registry.example.eu/",
        "file:///etc/passwd",
        "registry.example.eu",
        "",
    ],
)
def test_an_address_that_may_not_be_asked_is_no_setting(address: str) -> None:
    with pytest.raises(ValidationError):
        RegistrySettings(addresses=(address,))


@pytest.mark.parametrize(
    "address",
    [
        "https://registry.erasmuswithoutpaper.eu/catalogue-v1.xml",
        "https://emreg.example.eu:8443/ncp-list.json?all=1",
        "http://127.0.0.1:8080/list",
        "http://[::1]/list",
        "http://localhost/",
    ],
)
def test_an_address_that_may_be_asked_is_one(address: str) -> None:
    assert RegistrySettings(addresses=(address,)).addresses == (address,)
