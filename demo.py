"""`echt demo`: a whole service on this machine, with people who do not exist.

Every step is one that an operator would take, through the same use cases; nothing
is prepared by hand. A second run finds everything as it was and seals nothing again.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from credentials.extract import Language, Purpose
from register.elmo import read_elmo
from register.importing import import_source
from register.lines import PersonLine
from register.reading import JsonLines, Records, Source, fingerprint_of
from register.records import AwardRecord, AwardStatus
from register.synthetic.generate import write
from register.synthetic.personas import PERSONAS
from verifier.verdict import Verdict
from verifier.verifying import Verifier
from wiring import Instance

PEOPLE, SEED = 1_000, 7
TAMPERED = "tampered.pdf"


@dataclass(frozen=True, slots=True)
class Checked:
    """One file of the demo, and what the verifier says of it."""

    file: Path
    verdict: Verdict
    seconds: float


def prepare(instance: Instance, elmo: Path | None, say: Console) -> list[Path]:
    """Make keys and a register, issue extracts, and leave them in `documents/`.

    Raises:
        RegisterError: the ELMO file or the database cannot be used.
        CredentialError: an extract cannot be issued.
    """
    instance.keyring.make()
    say.print("Keys: a test hierarchy and its trust list.")
    records = list(_fill_register(instance, elmo, say))
    folder = instance.settings.home / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    shown = track(records, "Issuing", console=say, transient=True)
    files = [file for name, record in shown for file in _issue(instance, folder, name, record)]
    files.append(_tamper(files[0], folder / TAMPERED))
    say.print(f"Extracts: {len(files) - 1} in three languages, and one copy that was changed.")
    return files


def check(verifier: Verifier, files: list[Path]) -> list[Checked]:
    """Ask the verifier about every file, as anybody would."""
    found = []
    for file in files:
        begun = time.perf_counter()
        verdict = verifier.verify(file.read_bytes())
        found.append(Checked(file, verdict, time.perf_counter() - begun))
    return found


def table(checked: list[Checked], home: Path) -> Table:
    """File, verdict, seconds."""
    shown = Table("file", "verdict", "seconds", title="What the verifier says")
    for one in checked:
        good = one.verdict.code.startswith("GENUINE")
        words = f"[{'green' if good else 'red'}]{one.verdict.code}[/]"
        shown.add_row(str(one.file.relative_to(home)), words, f"{one.seconds:.3f}")
    return shown


def _fill_register(
    instance: Instance, elmo: Path | None, say: Console
) -> Iterator[tuple[str, AwardRecord]]:
    with tempfile.TemporaryDirectory() as folder:  # national numbers stay nowhere in the open
        people = Path(folder) / "people.jsonl"
        write(people, people=PEOPLE, seed=SEED)
        kept = _import(instance, JsonLines(people))
    say.print(f"Register: {PEOPLE} made-up people ({kept} records kept).")
    for persona in PERSONAS:
        for record in instance.register.awards_of(persona.person_id)[:1]:
            yield persona.key, record
    if elmo is not None:
        yield from _exchange_file(instance, elmo, say)


def _exchange_file(
    instance: Instance, elmo: Path, say: Console
) -> Iterator[tuple[str, AwardRecord]]:
    lines = read_elmo(elmo).lines
    _import(instance, Records(fingerprint_of(elmo), lines))
    awards = [
        award.award for line in lines if isinstance(line, PersonLine) for award in line.awards
    ]
    say.print(f"Exchange file: {len(awards)} awards from {elmo.name}.")
    for place, award in enumerate(awards, start=1):
        yield f"elmo-{place}", instance.register.award(award)


def _import(instance: Instance, source: Source) -> int:
    return import_source(source, instance.writer).kept


def _issue(instance: Instance, folder: Path, name: str, record: AwardRecord) -> Iterator[Path]:
    if record.award.status is AwardStatus.WITHDRAWN:
        return
    for language in Language:
        issued = instance.downloads.extract(record, language, Purpose.GENERAL)
        file = folder / f"{name}-{language}.pdf"
        file.write_bytes(issued.document)
        yield file


def _tamper(genuine: Path, copy: Path) -> Path:
    """Change one digit inside what the seal covers: the least that a forger can do."""
    data = bytearray(genuine.read_bytes())
    place = data.index(b"<xmp:CreateDate>") + len(b"<xmp:CreateDate>20")
    data[place] = ord("1") if data[place] != ord("1") else ord("2")
    copy.write_bytes(data)
    return copy


def invitation(url: str) -> str:
    """What to open, and whom to log in as."""
    people = "\n".join(f"  {persona.label}" for persona in PERSONAS)
    return (
        f"\nOpen {url}/ and log in as one of\n{people}\n"
        "Download an extract, then drop it on the page `Check`. Stop with Ctrl-C.\n"
    )
