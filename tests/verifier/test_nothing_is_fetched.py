"""Addresses in documents stay addresses: nobody connects to them (verifier.md goal 55).

Read in this very process, without the walls of a closed room, so that it is the readers
that do not ask, and not the kernel that refuses.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from keys import hierarchy
from tests.attacks.signing import compact
from tests.attacks.updates import anatomy, update
from tests.listening import a_place
from tests.verifier import hostile
from tests.verifier.conftest import a_verifier
from tests.verifier.elmo import ElmoWorld
from tests.verifier.sealed import FACTS, World
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier

Document = Callable[[str], bytes]
Update = Callable[[str], dict[int, bytes]]


@dataclass
class Trap:
    """An address that everybody may connect to, and nobody should."""

    address: str
    visits: list[object] = field(default_factory=list)


@pytest.fixture(name="trap")
def _trap() -> Iterator[Trap]:
    with a_place() as (listener, address):
        trap = Trap(address)

        def wait() -> None:
            while True:
                try:
                    visitor, where = listener.accept()
                except OSError:  # the end of the test
                    return
                trap.visits.append(where)
                visitor.close()

        listener.listen()
        threading.Thread(target=wait, daemon=True).start()
        yield trap


@pytest.fixture(name="asked")
def _asked(world: World) -> Verifier:
    return a_verifier(world)


def _pdf(catalog: str, *more: str) -> Document:
    """A PDF whose catalog says this; `@` stands for the address."""

    def made(address: str) -> bytes:
        objects = [f"<</Type/Catalog/Pages 2 0 R {catalog}>>", "<</Type/Pages/Kids[]/Count 0>>"]
        texts = (one.replace("@", address).encode() for one in (*objects, *more))
        return hostile.bare(dict(enumerate(texts, 1)))

    return made


def _xml(text: str) -> Document:
    return lambda address: text.replace("@", address).encode()


DOCUMENTS: dict[str, Document] = {
    "pdf_open_uri": _pdf("/OpenAction<</S/URI/URI(@/a)>>"),
    "pdf_launch": _pdf("/OpenAction<</S/GoToR/F<</FS/URL/F(@/a)>>>>"),
    "pdf_submit": _pdf("/AA<</WC<</S/SubmitForm/F<</FS/URL/F(@/a)>>>>>>"),
    "pdf_outside_stream": _pdf(
        "/Metadata 3 0 R", "<</Length 0/F<</FS/URL/F(@/a)>>>>stream\n\nendstream"
    ),
    "xml_doctype": _xml("<!DOCTYPE elmo SYSTEM '@/a.dtd'><elmo/>"),
    "xml_entity": _xml("<!DOCTYPE elmo [<!ENTITY e SYSTEM '@/a'>]><elmo>&e;</elmo>"),
    "xml_style": _xml("<?xml-stylesheet href='@/a.xsl'?><elmo/>"),
    "xml_schema": _xml(
        "<elmo xmlns='https://github.com/emrex-eu/elmo-schemas/tree/v1'"
        " xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='x @/a.xsd'/>"
    ),
    "xml_include": _xml(
        "<elmo xmlns:x='http://www.w3.org/2001/XInclude'><x:include href='@/a'/></elmo>"
    ),
    "svg": _xml("<svg xmlns='http://www.w3.org/2000/svg'><image href='@/a.png'/></svg>"),
    "code": _xml("@/#2KC000"),
    "text": _xml("@/nl/share#" + "e" * 32),
}
UPDATES: dict[str, Update] = {
    "open_action": lambda address: {900: f"<</S/URI/URI({address}/a)>>".encode()},
    "outside_data": lambda address: {
        900: f"<</Length 0/F<</FS/URL/F({address}/a)>>>>stream\n\nendstream".encode()
    },
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_address_in_a_document_is_not_visited(name: str, asked: Verifier, trap: Trap) -> None:
    verdict = asked.verify(DOCUMENTS[name](trap.address))

    assert not verdict.code.is_positive
    assert trap.visits == []


@pytest.mark.parametrize("name", UPDATES)
def test_nor_one_that_was_added_to_a_genuine_file(
    name: str, asked: Verifier, sealed: bytes, trap: Trap
) -> None:
    changed = update(anatomy(sealed), UPDATES[name](trap.address))

    assert asked.verify(changed).code is VerdictCode.ALTERED
    assert trap.visits == []


@pytest.mark.parametrize("member", ["jku", "x5u"])
def test_nor_one_where_a_signature_says_its_key_is(
    member: str, world: World, asked: Verifier, trap: Trap
) -> None:
    """The key is the one of our list, whatever else the document says of it."""
    signer = hierarchy.open_signer(world.keys, "seal")
    plain = {"alg": "ES256", "kid": signer.key.kid}
    bent = plain | {member: f"{trap.address}/keys"}

    codes = [
        asked.verify(compact(header, json.dumps(FACTS).encode(), signer)).code
        for header in (plain, bent)
    ]

    assert codes == [VerdictCode.GENUINE_STATUS_UNKNOWN] * 2
    assert trap.visits == []


def test_nor_one_where_a_signed_document_says_its_data_are(
    elmo_world: ElmoWorld, trap: Trap
) -> None:
    signed = elmo_world.elmo().replace(b'URI=""', f'URI="{trap.address}/a"'.encode(), 1)

    verdict = a_verifier(elmo_world).verify(signed)

    assert not verdict.code.is_positive
    assert trap.visits == []


def test_the_trap_counts_who_comes(trap: Trap) -> None:
    """An empty list means something."""
    host, port = trap.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as visitor:
        visitor.recv(1)

    assert len(trap.visits) == 1
