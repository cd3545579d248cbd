"""`echt emrex`: a signed document of a person, the certificate it is signed with, and a check.

What reads XML and what speaks HTTP is loaded by the command that runs, not by the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from emrex.elmo.profiles import Version
from emrex.elmo.rules import Finding
from emrex.packing import MAX_PLAIN

if TYPE_CHECKING:
    from emrex.making import Maker
    from emrex.validating.report import Report
    from register.ports import Register

Out = Annotated[Path, typer.Option("--out", help="Where the file goes.")]
File = Annotated[Path, typer.Argument(help="An ELMO file, or the form value as text.")]
Certificate = Annotated[
    list[Path] | None,
    typer.Option(help="Certificate (PEM) of a provider in the registry; may be repeated."),
]
PATIENCE_SECONDS = 60
NOBODY_ANSWERS = 3


def emrex_commands(
    open_register: Callable[[], Register],
    open_maker: Callable[[], Maker],
    own_certificate: Callable[[], bytes],
    clock: Callable[[], datetime],
    schemas: Path | None,
) -> typer.Typer:
    """The commands below `echt emrex`; the doors are opened only when one runs."""
    app = typer.Typer(help="Results from university to university.", no_args_is_help=True)

    @app.command()
    def elmo(
        person: Annotated[str, typer.Option(help="Person id, from `echt register show`.")],
        out: Out,
        profile: Annotated[Version, typer.Option(help="Version of ELMO.")] = Version.V1_7,
    ) -> None:
        """Write the signed ELMO document of everything that stands of a person."""
        register = open_register()
        register.person(person)
        made = open_maker().document(register.awards_of(person), profile)
        out.write_bytes(made.content)
        typer.echo(f"{len(made.content)}  {out}")

    @app.command()
    def certificate(out: Out) -> None:
        """Write the certificate that documents are signed with: for the registry."""
        loaded = x509.load_der_x509_certificate(own_certificate())
        out.write_bytes(loaded.public_bytes(Encoding.PEM))
        typer.echo(f"{loaded.not_valid_after_utc:%Y-%m-%d}  {out}")

    @app.command()
    def validate(
        file: File,
        certificate: Certificate = None,
        *,
        as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    ) -> None:
        """Say what a document is worth: its signature, and every rule that it breaks.

        Without --certificate it is judged by our own.
        """
        from emrex.elmo.schemas import Schemas  # noqa: PLC0415 - see above
        from emrex.validating.report import GOOD, report, told  # noqa: PLC0415 - see above

        trusted = [_der(one) for one in certificate or []] or [own_certificate()]
        found = report(_read(file), trusted, clock(), Schemas(schemas))
        typer.echo(json.dumps(told(found)) if as_json else _lines(found))
        if found.signature not in GOOD:
            raise typer.Exit(1)

    app.command()(_simulate(own_certificate, clock))
    return app


def _simulate(
    own_certificate: Callable[[], bytes], clock: Callable[[], datetime]
) -> Callable[..., None]:
    def simulate(
        url: Annotated[str, typer.Option(help="A service that is shown, not one in use.")],
        person: Annotated[str, typer.Option(help="Whom to be, of the demonstration.")] = "nurse",
        certificate: Certificate = None,
        fault: Annotated[
            str, typer.Option(help="What goes wrong; a wrong name lists them all.")
        ] = "",
    ) -> None:
        """Go through a whole transfer as a client and its holder; says what came and how fast."""
        import httpx2  # noqa: PLC0415 - see above

        from emrex.simulating import Simulation, is_good  # noqa: PLC0415 - see above

        _require_known(fault)
        trusted = [_der(one) for one in certificate or []] or [own_certificate()]
        try:
            with httpx2.Client(follow_redirects=True, timeout=PATIENCE_SECONDS) as browser:
                walk = Simulation(browser, url.rstrip("/"), clock)
                outcome = walk.run(person, trusted, fault=fault)
        except (httpx2.TransportError, httpx2.InvalidURL) as cause:
            typer.echo(f"Nobody answers at {url}.", err=True)
            raise typer.Exit(NOBODY_ANSWERS) from cause
        typer.echo(f"{outcome.code}  {outcome.signature}  {outcome.findings} findings")
        for step, seconds in outcome.seconds.items():
            typer.echo(f"{seconds:8.3f} s  {step}")
        if not is_good(outcome):
            raise typer.Exit(1)

    return simulate


def _require_known(fault: str) -> None:
    """The same faults as on the page of the simulator, or none."""
    from emrex.simulator.texts import RETURNED, SENT  # noqa: PLC0415 - see above

    if fault and fault not in {**SENT, **RETURNED}:
        known = ", ".join([*SENT, *RETURNED])
        raise typer.BadParameter(f"one of {known}", param_hint="--fault")


def _read(file: Path) -> bytes:
    with file.open("rb") as source:
        return source.read(MAX_PLAIN + 1)


def _der(file: Path) -> bytes:
    try:
        loaded = x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError as cause:
        raise typer.BadParameter("not a certificate in PEM", param_hint="--certificate") from cause
    return loaded.public_bytes(Encoding.DER)


def _lines(found: Report) -> str:
    lines = [f"{found.signature}  {found.reason}".rstrip()]
    if found.version:
        none = "no schema" if found.saw_schemas else "our rules alone, for want of schemas"
        lines.append(f"needs ELMO {found.version}  valid by: {', '.join(found.fits) or none}")
    return "\n".join([*lines, *map(_line, found.findings)])


def _line(one: Finding) -> str:
    advice = " ".join((one.advice, ", ".join(one.expected))).rstrip()
    by = f" (ELMO {', '.join(one.versions)})" if one.versions else ""
    return f"{one.severity}  {one.rule}  {one.place}: {advice}{by}"
