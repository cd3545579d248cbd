"""The stable command line: what scripts rely on, with its exit codes.

Exit codes: 0 done, 1 a negative verdict or refused records, 2 wrong use, 3 could not.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from credentials.archive_s3 import connect
from keys import hierarchy
from main import build
from register.synthetic.personas import PERSONAS
from settings import Settings
from tests import judges
from tests.commands import echt, free_port
from tests.contracts.s3_server import REGION
from tests.emrex.conftest import schemas
from tests.keys.ceremony_room import Room

pytestmark = pytest.mark.slow

WITHDRAWN = next(persona for persona in PERSONAS if persona.key == "withdrawn")


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(name="home", scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    source = home / "people.jsonl"
    made = echt(
        home, "register", "synthesise", "--people", "3", "--seed", "1", "--out", str(source)
    )
    assert made.returncode == 0, made.stderr
    imported = echt(home, "register", "import", str(source))
    assert imported.returncode == 0, imported.stderr
    return home


@pytest.fixture(name="extract", scope="module")
def _extract(home: Path) -> Path:
    award = lines(echt(home, "register", "show", "--limit", "1", "--json"))[0]["award"]
    out = home / "extract.pdf"
    done = echt(home, "extract", "issue", "--award", award, "--language", "en", "--out", str(out))
    assert done.returncode == 0, done.stderr
    return out


def test_a_real_elmo_record_becomes_a_sealed_extract(tmp_path: Path) -> None:
    sample = judges.standards() / "elmo/samples/official/example-v1.4.0-to-v2.0.0.xml"

    assert echt(tmp_path, "register", "import", str(sample)).returncode == 0
    shown = lines(echt(tmp_path, "register", "show", "--json"))
    for place, award in enumerate(shown):
        out = tmp_path / f"{place}.pdf"
        issued = echt(tmp_path, "extract", "issue", "--award", award["award"], "--out", str(out))
        assert issued.returncode == 0, issued.stderr
        (verdict,) = lines(echt(tmp_path, "verify", str(out), "--json"))
        assert verdict["code"] == "GENUINE_CURRENT"

    assert {award["programmeTitle"] for award in shown} >= {"Master i biologi"}
    assert all(set(award) >= {"award", "person", "sector", "programme"} for award in shown)


def test_a_genuine_and_a_changed_file(home: Path, extract: Path) -> None:
    changed = home / "changed.pdf"
    changed.write_bytes(extract.read_bytes().replace(b"<xmp:CreateDate>20", b"<xmp:CreateDate>19"))

    done = echt(home, "verify", str(extract), str(changed), "--json")

    genuine, altered = lines(done)
    assert done.returncode == 1
    assert [genuine["code"], altered["code"]] == ["GENUINE_CURRENT", "ALTERED"]
    assert set(genuine) >= {"file", "code", "checks", "facts", "checkedAt", "seconds"}
    assert set(genuine["checks"].values()) == {"pass"}  # type: ignore[attr-defined]
    assert set(altered["checks"].values()) <= {"pass", "fail", "not_done"}  # type: ignore[attr-defined]
    assert altered["facts"] is None


def test_offline_nothing_but_the_list_is_used(home: Path, extract: Path, tmp_path: Path) -> None:
    trust = home / "trust" / "echt-trust.json"
    done = echt(tmp_path, "verify", "--offline", "--trust", str(trust), str(extract), "--json")

    assert done.returncode == 0, done.stderr
    assert lines(done)[0]["code"] == "GENUINE_STATUS_UNKNOWN"
    assert list(tmp_path.iterdir()) == []


def test_a_second_download_is_the_same_file(home: Path, extract: Path) -> None:
    award = lines(echt(home, "register", "show", "--limit", "1", "--json"))[0]["award"]
    again = home / "again.pdf"
    echt(home, "extract", "issue", "--award", award, "--language", "en", "--out", str(again))

    assert again.read_bytes() == extract.read_bytes()


@pytest.mark.usefixtures("extract")  # a home with keys, whatever ran before
def test_results_are_written_and_judged_by_what_is_at_hand(home: Path, tmp_path: Path) -> None:
    """emrex.md 3.5: the signature and the form, and whether schemas were there to judge by."""
    shown = lines(echt(home, "register", "show", "--json"))
    person = next(one["person"] for one in shown if one["status"] == "current")
    file, bent, pem = (tmp_path / name for name in ("elmo.xml", "bent.xml", "ours.pem"))
    assert echt(home, "emrex", "elmo", "--person", person, "--out", str(file)).returncode == 0
    assert echt(home, "emrex", "certificate", "--out", str(pem)).returncode == 0
    bent.write_bytes(file.read_bytes().replace(b"<status>passed", b"<status>failed", 1))
    by_ours = ("emrex", "validate", "--certificate", str(pem))

    alone = echt(home, *by_ours, str(file))
    with_schemas = echt(home, *by_ours, str(file), ECHT_ELMO_SCHEMAS=str(schemas().folder))
    refused = echt(home, "emrex", "validate", "--json", str(bent))

    assert (alone.returncode, alone.stdout.splitlines()[0]) == (0, "valid")
    assert "valid by: our rules alone, for want of schemas" in alone.stdout
    assert "valid by: 1.6.0, 1.7.0" in with_schemas.stdout
    (told,) = lines(refused)
    assert (refused.returncode, told["signature"], told["reason"]) == (1, "invalid", "changed")


@pytest.mark.usefixtures("extract")  # a home with keys, whatever ran before
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("extract", "issue", "--award", "NO-SUCH", "--out", "x.pdf"), 2),
        (("extract", "issue", "--award", "x", "--language", "fr", "--out", "x.pdf"), 2),
        (("verify", "no-such-file.pdf"), 2),
        (("register", "import", "no-such-file.jsonl"), 2),
        (("register", "import", str(judges.ROOT / "LICENSE")), 2),
        (("nonsense",), 2),
        (("serve", "--role", "king"), 2),
        (("serve", "--port", "99999"), 2),
        (("register", "show", "--home"), 2),
        (("register", "show", "--home="), 2),
        (("keys", "state", "no-such-key", "active"), 2),
    ],
)
def test_wrong_use_is_said_in_a_line(home: Path, words: tuple[str, ...], code: int) -> None:
    done = echt(home, *words)

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_a_withdrawn_award_is_refused(home: Path, tmp_path: Path) -> None:
    shown = lines(echt(home, "register", "show", "--json"))
    award = next(one["award"] for one in shown if one["status"] == "withdrawn")
    out = tmp_path / "x.pdf"

    done = echt(home, "extract", "issue", "--award", award, "--out", str(out))

    assert done.returncode == 1
    assert done.stderr.strip() == "This diploma is withdrawn, so there is no extract of it."
    assert not out.exists()


def test_a_missing_key_file_is_said_and_nothing_is_issued(tmp_path: Path) -> None:
    source, out = tmp_path / "people.jsonl", tmp_path / "x.pdf"
    echt(tmp_path, "register", "synthesise", "--people", "1", "--seed", "1", "--out", str(source))
    echt(tmp_path, "register", "import", str(source))
    echt(tmp_path, "keys", "init")
    for key in (tmp_path / "keys").glob("seal*p256*.key"):
        key.unlink()
    award = lines(echt(tmp_path, "register", "show", "--limit", "1", "--json"))[0]["award"]

    done = echt(tmp_path, "extract", "issue", "--award", award, "--out", str(out))

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_database_that_cannot_be_reached_is_said(home: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    done = echt(home, "register", "show", ECHT_DATABASE_URL=url)

    assert done.returncode == 3
    assert "127.0.0.1" not in done.stderr
    assert "Traceback" not in done.stderr


def test_reading_a_register_that_is_not_there_does_not_make_one(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    done = echt(empty, "register", "show")

    assert done.returncode == 2
    assert "There is no register in this folder" in done.stderr
    assert not empty.exists()


MAKES = {
    ("demo",): "a whole service",
    ("serve",): "what it serves from, at the first start",
    ("register", "import"): "the register",
    ("keys", "init"): "the keys",
    ("switches", "close"): "a switch, which holds from the first start on",
}
"""Commands whose work it is to begin something in an empty home."""
NEEDED = {
    "files": [str(judges.ROOT / "LICENSE")],
    "file": [str(judges.ROOT / "LICENSE")],
    "programme": ["--programme", "x"],
    "year": ["--year", "2026"],
    "people": ["--people", "1"],
    "seed": ["--seed", "1"],
    "out": ["--out", "{out}"],
    "purpose": ["seal"],
    "kid": ["no-such-key"],
    "state": ["active"],
    "plan": ["{plan}"],
    "as_": ["--as", "somebody"],
    "key": ["--key", "{plan}"],
    "award": ["--award", "x"],
    "cohort_id": ["no-such-cohort"],
    "name": ["check"],
    "certificates": ["--certificates", "{plan}"],
    "policy": ["--policy", "1.2.3.4"],
    "since": ["--since", "2026-01-01T00:00:00Z"],
    "client_id": ["no-such-client"],
    "alias": ["AAAA-AAAA-AAAA-AAAA"],
    "jwks": ["--jwks", "{plan}"],
    "person": ["--person", "x"],
    "url": ["--url", "http://127.0.0.1:9"],
}
NEEDS_NO_HOME = {
    ("register", "synthesise"),
    ("switches", "list"),
    ("switches", "open"),
    ("keys", "authority", "list"),
}


def _every_command() -> dict[tuple[str, ...], list[str]]:
    """Every command, with a word for each thing it must be told."""
    found: dict[tuple[str, ...], list[str]] = {}
    rooms: list[tuple[tuple[str, ...], Any]] = [((), typer.main.get_command(build(Settings())))]
    while rooms:
        path, command = rooms.pop()
        inner = getattr(command, "commands", None)
        if inner is not None:
            rooms += [((*path, name), one) for name, one in inner.items()]
        else:
            told = [_words(one) for one in command.params if one.required]
            found[path] = [word for words in told for word in words]
    return found


def _words(needed: Any) -> list[str]:
    words = NEEDED[str(needed.name)]
    bare = needed.param_type_name == "option" and not words[0].startswith("--")
    return [needed.opts[0], *words] if bare else words


READS = {path: words for path, words in _every_command().items() if path not in MAKES}


@pytest.mark.parametrize("path", sorted(READS), ids=" ".join)
def test_a_command_that_begins_nothing_leaves_an_empty_home_as_it_is(
    path: tuple[str, ...], tmp_path: Path
) -> None:
    """It says so, too; only what needs no home at all may succeed."""
    empty, plan = tmp_path / "empty", tmp_path / "plan.yaml"
    plan.write_text("name: x\n")
    places = {"out": tmp_path / "out.pdf", "plan": plan}
    words = [word.format_map(places) for word in READS[path]]

    ended = CliRunner().invoke(build(Settings(home=empty)), [*path, *words])

    assert not empty.exists(), list(empty.rglob("*"))
    assert ended.exit_code != 0 or path in NEEDS_NO_HOME
    assert ended.exception is not None or path in NEEDS_NO_HOME


def test_every_command_that_needs_documents_says_that_none_are_here(tmp_path: Path) -> None:
    for words in (("ledger", "reconcile"), ("downloads", "work"), ("archive", "renew")):
        done = echt(tmp_path / "empty", *words)

        assert done.returncode == 2, words
        assert "There is no register in this folder" in done.stderr


def test_a_place_that_cannot_be_written_is_said_before_anything_is_sealed(home: Path) -> None:
    out = home / "no-such-folder" / "x.pdf"
    done = echt(home, "extract", "issue", "--award", "X", "--out", str(out))

    assert done.returncode == 2
    assert "there is no folder to write this file in" in done.stderr


def test_an_authority_that_is_dead_is_named_and_nothing_but_answers_is_on_standard_output(
    home: Path, extract: Path, tmp_path: Path
) -> None:
    """pdf.md 3.5: a programme reads one output, an operator the other."""
    assert extract.exists()  # a home with keys, whatever ran before
    (certificates,) = (home / "keys").glob("tsa*.pem")
    dead = {
        "url": f"http://127.0.0.1:{free_port()}/",
        "certificate_file": str(certificates),
        "policy": "1.3.6.1.4.1.32473.1",
    }
    award = lines(echt(home, "register", "show", "--limit", "1", "--json"))[0]["award"]
    words = ("extract", "issue", "--award", award, "--language", "nl")

    done = echt(
        home,
        *words,
        "--out",
        str(tmp_path / "x.pdf"),
        ECHT_TIMESTAMP_AUTHORITIES=json.dumps([dead]),
    )

    assert (done.returncode, done.stdout) == (3, "")
    assert "127.0.0.1" in done.stderr.splitlines()[-1]
    assert "did not answer" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize("lost", ["keys", "secrets"])
def test_lost_keys_are_never_replaced_silently(tmp_path: Path, lost: str) -> None:
    """What the old key sealed would become foreign, and stored numbers could not be found."""
    source = tmp_path / "people.jsonl"
    echt(tmp_path, "register", "synthesise", "--people", "1", "--seed", "1", "--out", str(source))
    echt(tmp_path, "register", "import", str(source))
    award = lines(echt(tmp_path, "register", "show", "--limit", "1", "--json"))[0]["award"]
    issue = ("extract", "issue", "--award", award, "--out", str(tmp_path / "x.pdf"))
    assert echt(tmp_path, *issue).returncode == 0
    shutil.rmtree(tmp_path / lost)

    done = echt(tmp_path, *issue, "--language", "de")

    assert done.returncode == 3
    assert "restore" in done.stderr.lower()
    assert not (tmp_path / lost).exists()


def test_a_damaged_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "echt.db").write_bytes(b"this is no database" * 100)
    done = echt(tmp_path, "register", "show")

    assert done.returncode == 3
    assert "should not have happened" not in done.stderr


def test_without_a_trust_list_nobody_is_judged(extract: Path, tmp_path: Path) -> None:
    done = echt(tmp_path, "verify", str(extract), "--json")

    assert done.returncode == 3
    assert lines(done)[0]["code"] == "CANNOT_CHECK"


def test_production_lists_everything_that_is_missing_at_once(home: Path) -> None:
    """platform.md 4.1.9."""
    done = echt(home, "serve", ECHT_PRODUCTION="true")

    assert done.returncode == 3
    for setting in ("DATABASE_URL", "VAULT_KEY_FILE", "OIDC__ISSUER", "PUBLIC_URL", "ADDRESS"):
        assert f"ECHT_{setting}" in done.stderr


@pytest.mark.parametrize(
    ("role", "asked", "spared"),
    [
        ("signer", ("TOKEN", "TIMESTAMP"), ("OIDC", "PUBLIC_URL")),
        ("worker", ("TOKEN", "TIMESTAMP"), ("OIDC", "PUBLIC_URL")),
        ("verifier", ("PUBLIC_URL",), ("OIDC", "TOKEN", "TIMESTAMP", "DATABASE")),
    ],
)
def test_a_command_is_asked_only_for_what_the_role_of_its_machine_may_have(
    home: Path, role: str, asked: tuple[str, ...], spared: tuple[str, ...]
) -> None:
    """platform.md 3.1: a timer beside the signer needs no secret of the pages."""
    done = echt(home, "cohort", "list", ECHT_PRODUCTION="true", ECHT_ROLE=role)

    assert done.returncode == 3
    assert all(f"ECHT_{setting}" in done.stderr for setting in asked)
    assert not any(f"ECHT_{setting}" in done.stderr for setting in spared)


def test_a_ceremony_is_held_to_the_rules_of_production_where_there_is_nothing_but_keys(
    tmp_path: Path,
) -> None:
    """platform.md 3.11: no database and no pages on the machine, and no key in a file either."""
    room = Room(tmp_path / "room", now=hierarchy.utc_now())
    plan = room.approve(room.plan("1-hierarchy"), "anna", "bram")

    held = echt(room.hierarchy, "keys", "ceremony", str(plan), ECHT_PRODUCTION="true")
    made = echt(room.hierarchy, "keys", "init", ECHT_PRODUCTION="true")

    assert (held.returncode, made.returncode) == (3, 3)
    assert "Keys in files are for development" in held.stderr
    assert "Keys in files are for development" in made.stderr
    assert not room.hierarchy.exists()


def test_a_setting_that_cannot_be_used_is_named(home: Path) -> None:
    done = echt(home, "register", "show", ECHT_PORT="many")

    assert (done.returncode, done.stderr) == (2, "These settings cannot be used: ECHT_PORT\n")


@pytest.mark.parametrize("endpoint", ["store.example.nl", "ftp://store.example.nl", "https://"])
def test_an_address_of_a_store_that_cannot_be_one_is_named(home: Path, endpoint: str) -> None:
    store = {"ECHT_STORE__ENDPOINT": endpoint, "ECHT_STORE__BUCKET": "documents"}

    done = echt(home, "cohort", "list", **store)

    assert (done.returncode, done.stderr) == (
        2,
        "These settings cannot be used: ECHT_STORE__ENDPOINT\n",
    )


def test_documents_and_copies_go_to_the_store_of_the_settings_and_nowhere_else(
    home: Path, s3_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 3, 7: an S3-compatible store, by the settings that an operator writes."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "echt-test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "echt-test")
    client = connect(s3_address, REGION)
    client.create_bucket(
        Bucket="operated", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    store = {
        "ECHT_STORE__ENDPOINT": s3_address,
        "ECHT_STORE__BUCKET": "operated",
        "ECHT_STORE__REGION": REGION,
    }
    shutil.copytree(home, tmp_path / "home", ignore=shutil.ignore_patterns("archive"))
    award = lines(echt(home, "register", "show", "--limit", "1", "--json"))[0]["award"]
    words = ("extract", "issue", "--award", award, "--purpose", "work", "--out")

    issued = echt(tmp_path / "home", *words, str(tmp_path / "x.pdf"), **store)
    again = echt(tmp_path / "home", *words, str(tmp_path / "y.pdf"), **store)
    echt(tmp_path / "home", "archive", "preserve", **store)

    assert (issued.returncode, again.returncode) == (0, 0), issued.stderr + again.stderr
    number, document = issued.stdout.split()[0], (tmp_path / "x.pdf").read_bytes()
    stored, copy = (
        client.get_object(Bucket="operated", Key=f"{kind}/{number[:2]}/{number}.pdf")["Body"].read()
        for kind in ("archive", "preserved")
    )
    assert document == stored == (tmp_path / "y.pdf").read_bytes()
    assert copy.startswith(document)
    assert len(copy) > len(document)
    assert not {"archive", "preserved"} & {path.name for path in (tmp_path / "home").iterdir()}
    client.close()


def test_the_home_may_stand_anywhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    done = echt(tmp_path, "keys", "init", "--home", str(elsewhere))

    assert done.returncode == 0
    assert (elsewhere / "keys").is_dir()
    assert not (tmp_path / "keys").exists()


def test_the_demo_leaves_its_documents_and_a_second_run_seals_nothing(tmp_path: Path) -> None:
    first = echt(tmp_path, "demo", "--no-serve")
    before = {file.name: file.read_bytes() for file in (tmp_path / "documents").iterdir()}
    second = echt(tmp_path, "demo", "--no-serve")
    after = {file.name: file.read_bytes() for file in (tmp_path / "documents").iterdir()}

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.count("GENUINE_CURRENT") == len(before) - 1 >= 20
    assert first.stdout.count("ALTERED") == 1
    assert after == before
