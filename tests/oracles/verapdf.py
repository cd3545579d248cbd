"""veraPDF as an independent judge of PDF/A and PDF/UA: many files in one Java process.

`verapdf/pom.xml` names the library, `verapdf/Judge.java` calls it. The first use
fetches and compiles into `verapdf/target`, which is not under version control.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests import judges

HERE = Path(__file__).parent / "verapdf"
TARGET = HERE / "target"
FLAVOURS = ("3a", "ua1")
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""It lives too shortly for its better compiler to earn back what it costs: a third of the time."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What veraPDF says of one file under one flavour."""

    file: Path
    flavour: str
    compliant: bool
    failed_rules: tuple[str, ...]


def judge(files: Iterable[Path], flavours: Iterable[str] = FLAVOURS) -> list[Finding]:
    """Validate every file under every flavour."""
    paths = [str(file) for file in files]
    java = judges.require("java")
    command = [java, *SHORT_LIVED, "-cp", _class_path(), "Judge", ",".join(flavours), *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3000)
    assert done.returncode == 0, done.stderr[-2000:]
    return [_finding(line) for line in done.stdout.splitlines() if line.count("\t") == 3]


def _finding(line: str) -> Finding:
    file, flavour, verdict, rules = line.split("\t")
    return Finding(Path(file), flavour, verdict == "pass", tuple(rules.split()))


def _class_path() -> str:
    compiled = TARGET / "classes" / "Judge.class"
    source = HERE / "Judge.java"
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        _build(source, compiled.parent)
    return f"{compiled.parent}:{TARGET / 'lib'}/*"


def _build(source: Path, classes: Path) -> None:
    maven, javac = judges.require("mvn"), judges.require("javac")
    fetch = ["dependency:copy-dependencies", "-DoutputDirectory=target/lib"]
    subprocess.run([maven, "-B", "-q", *fetch], cwd=HERE, check=True, timeout=3000)
    classes.mkdir(parents=True, exist_ok=True)
    options = ["--release", "17", "-cp", f"{TARGET / 'lib'}/*", "-d", str(classes)]
    subprocess.run([javac, *options, str(source)], check=True, timeout=600)
