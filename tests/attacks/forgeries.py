"""F5, F6, F9, F10 and F15: other keys, other people, other hosts, old documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from keys import hierarchy, jws
from tests.attacks import signing, tools
from tests.attacks.originals import REPLACED, TAKEN_BACK, Originals, renamed
from tests.attacks.variants import Variant
from tests.verifier import coded
from tests.verifier.coded import letters, octets, picture, statement
from tests.verifier.sealed import ADDRESS, FACTS

HOSTS = {
    "sub-domain": f"https://{ADDRESS}.diploma.example/",
    "below": f"https://www.{ADDRESS}/",
    "user": f"https://{ADDRESS}@diploma.example/",
    "port": f"https://{ADDRESS}:8443/",
    "upper-case": f"https://{ADDRESS.upper()}/",
    "mixed-script": "https://\u0435cht.voorbeeld.nl/",
    "hyphen": "https://echt-voorbeeld.nl/",
    "plain-http": f"http://{ADDRESS}/",
    "path": f"https://{ADDRESS}/open/",
}
"""F9: addresses that look like ours and are not."""


def sealed_by_others(originals: Originals) -> Iterator[Variant]:
    """F5: everything right but the key, the names included."""
    forger, world = originals.forger, originals.world
    payload = json.dumps(renamed()).encode()
    theirs = hierarchy.open_signer(forger.keys, "seal")
    header = {"alg": "ES256", "kid": theirs.key.kid}
    yield Variant("F5", "pdf", "same-names", forger.seal(originals.page))
    yield Variant("F5", "pdf", "other-person", forger.seal(world.page(facts=renamed())))
    yield Variant("F5", "xml", "same-names", originals.forger.elmo())
    yield Variant("F5", "jws", "same-names", signing.compact(header, payload, theirs))
    code = coded.OURS + letters(statement(forger))
    yield Variant("F5", "code", "same-names", code.encode())
    page = tools.screenshot(world.page(facts=renamed()), 150)
    page.paste(tools.opened(picture(originals.code)), (0, page.height // 2))
    yield Variant("F5", "png", "copied-code", tools.file_of(page, "PNG"))
    yield Variant("F5", "pdf", "copied-code", tools.file_of(page, "PDF"))


def of_another_person(originals: Originals) -> Iterator[Variant]:
    """F6: nothing is wrong with the file; only the person can be."""
    yield Variant("F6", "pdf", "genuine", originals.sealed)
    yield Variant("F6", "pdf", "genuine-archived", originals.archived)
    yield Variant("F6", "xml", "genuine", originals.elmo)
    yield Variant("F6", "jws", "genuine", originals.token)


def codes(originals: Originals) -> Iterator[Variant]:
    """F9 and F10: codes that lead elsewhere, and a true one on false paper."""
    ours, text = coded.OURS, originals.code
    for name, host in HOSTS.items():
        yield Variant("F9", "code", name, text.replace(ours.rstrip("#"), host).encode())
    to = f"https://diploma.example/go?to={text.partition('#')[0]}#{text.partition('#')[2]}"
    yield Variant("F9", "code", "redirect", to.encode())
    signed = octets(text.partition("#")[2])
    for place in range(0, len(signed), len(signed) // 6):
        flipped = bytearray(signed)
        flipped[place] ^= 1
        changed = ours + letters(bytes(flipped))
        yield Variant("F9", "code", f"byte-{place:03d}", changed.encode())
    yield Variant("F9", "code", "longer", (ours + letters(signed + b"\0")).encode())
    yield Variant("F9", "png", "other-host", picture(text.replace(ADDRESS, "evil.example")))
    yield Variant("F10", "code", "genuine", text.encode())
    yield Variant("F10", "png", "on-other-paper", picture(text))


def old(originals: Originals) -> Iterator[Variant]:
    """F15: genuine once."""
    yield Variant("F15", "pdf", "superseded", originals.superseded)
    yield Variant("F15", "pdf", "withdrawn", originals.withdrawn)
    for name, number in (("superseded", REPLACED), ("withdrawn", TAKEN_BACK)):
        told = coded.CLAIMS | {1: number}
        text = coded.OURS + letters(statement(originals.world, told))
        yield Variant("F15", "code", name, text.encode())


def tokens(originals: Originals) -> Iterator[Variant]:
    """F14: whoever holds the document chooses the key (RFC 7515 10, Wycheproof's families)."""
    signer = hierarchy.open_signer(originals.world.keys, "seal")
    ours = {"alg": "ES256", "kid": signer.key.kid}
    stranger = signing.Stranger()
    payload = json.dumps(renamed()).encode()
    brought: dict[str, dict[str, Any]] = {
        "jwk": ours | {"jwk": stranger.jwk},
        "jku": ours | {"jku": "http://127.0.0.1:9/keys"},
        "x5u": ours | {"x5u": "http://127.0.0.1:9/cert"},
        "x5c": ours | {"x5c": ["AAAA"]},
        "no-kid": {"alg": "ES256", "jwk": stranger.jwk},
        "kid-path": {"alg": "ES256", "kid": f"../../{signer.key.kid}"},
        "kid-query": {"alg": "ES256", "kid": "x' OR '1'='1"},
    }
    for name, header in brought.items():
        yield Variant("F14", "jws", name, signing.compact(header, payload, stranger))
    for name in ("none", "HS256", "ES384", "PS256"):
        data = signing.compact(ours | {"alg": name}, payload, stranger)
        unsigned = data.rpartition(b".")[0] + b"." if name == "none" else data
        yield Variant("F14", "jws", f"alg-{name.lower()}", unsigned)
    twice = f'{{"alg":"ES256","kid":"{signer.key.kid}","kid":"{signer.key.kid}"}}'
    genuine = json.dumps(FACTS).encode()
    yield Variant("F14", "jws", "kid-twice", signing.compact(twice, genuine, signer))
    crit = ours | {"crit": ["exp"], "exp": 1}
    yield Variant("F14", "jws", "crit-unknown", signing.compact(crit, genuine, signer))
    head, _, seal = signing.parts(ours, genuine, signer)
    moved = f"{head}.{jws.encode(payload)}.{seal}"
    yield Variant("F14", "jws", "payload-swapped", moved.encode())
    twofold = '{"name":"a",' + genuine.decode()[1:-1] + ',"number":"Q2Q2-Q2Q2-Q2Q2"}'
    yield Variant("F14", "json", "data-twice", twofold.encode())
    trust = hierarchy.open_signer(originals.world.keys, "facts")
    purpose = {"alg": "ES256", "kid": trust.key.kid}
    yield Variant("F14", "jws", "other-purpose", signing.compact(purpose, payload, trust))
