"""Drives any verifier with the kit, and says where it differs from the table.

`python -m tests.attacks.runner KIT PROGRAM ARGUMENT…` calls the program once for each file.
In the arguments `{file}` is the file, `{trust}` the trust list, `{ledger}` what the issuer knows
(`kit.json`), `{at}` the moment to judge at; with `{files}` the program is called once and answers
a line for each file. An answer is a line of JSON with a member `code`, or the code alone.

`python -m tests.attacks.runner KIT http://HOST/PATH` posts each file there as the member `file`
of a form, and the text of a code as JSON `{"qr": …}`; the answer is JSON with a member `code`.

`--column verdict` holds it to what a verifier says that may ask for today's status (without it:
`offline`), `--only pdf,txt` to files with these endings. Exit code 0: no difference.
"""

from __future__ import annotations

import argparse
import csv
import http.client
import json
import secrets
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 3_600
OFFLINE, ASKED = "offline", "verdict"
"""Columns of the table: with the trust list alone, and with ledger and status at hand."""
CODE = ".txt"


def differences(
    kit: Path, verifier: Sequence[str], *, column: str = OFFLINE, only: Collection[str] = ()
) -> Iterator[str]:
    """A line for each file about which the verifier says something else than the table."""
    with (kit / "expected.csv").open(encoding="utf-8", newline="") as source:
        rows = [row for row in csv.DictReader(source) if not only or _ending(row["file"]) in only]
    files = [str(kit / row["file"]) for row in rows]
    asked = _posted if verifier[0].startswith(("http://", "https://")) else _answers
    for row, said in zip(rows, asked(kit, verifier, files), strict=True):
        if said != row[column]:
            yield f"{row['file']}: {row[column]} expected, {said} given"


def _ending(file: str) -> str:
    return file.rpartition(".")[2]


def _posted(_kit: Path, verifier: Sequence[str], files: Sequence[str]) -> Iterator[str]:
    for file in map(Path, files):
        yield _code(_post(verifier[0], *(_coded(file) if file.suffix == CODE else _formed(file))))


def _coded(file: Path) -> tuple[bytes, str]:
    return json.dumps({"qr": file.read_text(encoding="utf-8")}).encode(), "application/json"


def _formed(file: Path) -> tuple[bytes, str]:
    """A form of one file (RFC 7578)."""
    mark = secrets.token_hex(16)
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + file.read_bytes() + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"


def _post(address: str, body: bytes, kind: str) -> str:
    place = urlsplit(address)
    secure = place.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    line = connect(place.netloc, timeout=SECONDS)
    try:
        line.request("POST", place.path or "/", body, {"Content-Type": kind})
        return line.getresponse().read().decode("utf-8", "replace")
    finally:
        line.close()


def _answers(kit: Path, command: Sequence[str], files: Sequence[str]) -> Iterator[str]:
    told = json.loads((kit / "kit.json").read_text(encoding="utf-8"))
    fixed = {
        "trust": str(kit / "trust.json"),
        "ledger": str(kit / "kit.json"),
        "at": str(told["at"]),
    }
    filled = [_filled(part, fixed) for part in command]
    if "{files}" in filled:
        place = filled.index("{files}")
        yield from map(_code, _called([*filled[:place], *files, *filled[place + 1 :]]))
        return
    for file in files:
        lines = _called([_filled(part, {"file": file}) for part in filled])
        yield _code(lines[0] if lines else "")


def _filled(part: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        part = part.replace("{" + name + "}", value)
    return part


def _called(command: Sequence[str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return [line for line in done.stdout.splitlines() if line.strip()]


def _code(line: str) -> str:
    try:
        told = json.loads(line)
    except ValueError:
        return line.strip()
    return str(told.get("code", "")) if isinstance(told, dict) else line.strip()


def main(arguments: Sequence[str]) -> int:
    """Print the differences; 1 where there are any."""
    reading = argparse.ArgumentParser(prog="runner", description="Hold a verifier to the kit.")
    reading.add_argument("--column", choices=(OFFLINE, ASKED), default=OFFLINE)
    reading.add_argument("--only", default="", help="endings of files, such as pdf,txt")
    reading.add_argument("kit", type=Path)
    reading.add_argument("verifier", nargs=argparse.REMAINDER, help="a program or an address")
    asked = reading.parse_args(arguments)
    only = tuple(filter(None, asked.only.split(",")))
    found = list(differences(asked.kit, asked.verifier, column=asked.column, only=only))
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.stdout.write(f"{len(found)} differences\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
