"""The composition root of the command line: objects become commands. Nothing is decided here.

A command imports what it runs and nothing more: an offline check must not wait for a
database library, and none of them for the site. So imports of whole rooms stand where
a command opens them.
"""

from __future__ import annotations

import atexit
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from checking import lone_receipts, lone_verifier, online_receipts, online_verifier
from credentials.bulk.commands import cohort_commands, issue_cohort_command
from credentials.commands import (
    archive_commands,
    downloads_commands,
    extract_commands,
    ledger_commands,
)
from credentials.errors import CredentialError
from employers.commands import employers_commands
from employers.errors import EmployerError
from emrex.commands import emrex_commands
from emrex.errors import EmrexError
from keys import commands as key_commands
from keys.errors import KeysError
from keys.hierarchy import utc_now
from register import commands as register_commands
from register.commands import OpenedRegister
from register.errors import NotRegistered, RegisterError
from settings import ProcessRole, Settings, check_production
from storage.errors import StorageUnavailable
from verifier.commands import verify_command
from verifier.errors import VerifierError
from verifier.receipts.desk import Receipts
from verifier.sandbox import Sandbox
from verifier.verifying import Verifier
from web import i18n, logs
from web.errors import WebError
from web.guarding.commands import commands as switch_commands

if TYPE_CHECKING:
    from credentials.bulk.chunks import Bulk
    from employers.store import SqlClients
    from emrex.making import Maker
    from web.guarding.switches import Switches
    from wiring import Instance

REFUSED, WRONG_USE, COULD_NOT = 1, 2, 3
FAMILIES = (
    CredentialError,
    EmployerError,
    EmrexError,
    KeysError,
    RegisterError,
    StorageUnavailable,
    VerifierError,
    WebError,
)
EXIT_BY_STATUS = {400: WRONG_USE, 404: WRONG_USE, 409: REFUSED}
HELP = "Sealed diploma extracts, and a true answer about them. `--home DIR` may stand anywhere."

Role = Annotated[
    ProcessRole | None, typer.Option(help="What this process does, and so what it may open.")
]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port on which to listen.")]
ElmoFile = Annotated[Path | None, typer.Option(help="A real ELMO file to import as well.")]
NoServe = Annotated[bool, typer.Option("--no-serve", help="Stop after checking the documents.")]
Open = Callable[[], "Instance"]


def run() -> None:
    """The `echt` command: one clear line and an exit code instead of a stack trace."""
    logs.configure(sys.stderr)  # standard output is for what was asked
    with _explained():
        arguments, home = _take_home(sys.argv[1:])
        settings = Settings(home=home) if home else Settings()
        problems = _unmet(arguments, settings)
        if problems:
            sys.stderr.write("\n".join([*problems, ""]))
            raise SystemExit(COULD_NOT)
        build(settings)(args=arguments, prog_name="echt")


def build(settings: Settings) -> typer.Typer:
    """All commands over one instance, which is opened when a command first needs it."""
    opened = cache(partial(_open, settings))
    there = partial(_there, settings, opened)
    app = typer.Typer(help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)
    keys = key_commands.commands(
        lambda: settings.home / "keys",
        open_public=lambda: settings.home / "trust",
        open_token=(lambda: opened().keyring.custody) if settings.token else None,
        production=settings.production,
    )
    register = register_commands.commands(partial(_register, settings, opened))
    extract = extract_commands(
        lambda: _register(settings, opened, must_exist=True).register, lambda: there().downloads
    )
    app.add_typer(register, name="register")
    app.add_typer(keys, name="keys")
    app.add_typer(extract, name="extract")
    app.add_typer(_ledger(there), name="ledger")
    app.add_typer(downloads_commands(lambda: there().work()), name="downloads")
    app.add_typer(archive_commands(lambda: there().preserving), name="archive")
    verify = verify_command(
        partial(_command_line_verifier, settings, opened),
        _translator,
        partial(_command_line_receipts, settings, opened),
    )
    app.command("verify")(verify)
    app.command("issue-cohort")(issue_cohort_command(partial(open_bulk, settings)))
    cohorts = cohort_commands(partial(open_bulk, settings), lambda: there().cohorts)
    app.add_typer(cohorts, name="cohort")
    app.add_typer(switch_commands(partial(_switches, settings)), name="switches")
    app.add_typer(_employers(settings, there), name="employers")
    app.add_typer(_emrex(settings, there), name="emrex")
    app.command("serve")(_serve_command(settings))
    app.command("demo")(_demo_command(settings))
    return app


def _ledger(there: Open) -> typer.Typer:
    return ledger_commands(lambda: there().reconciler, lambda: there().watching.find)


def _employers(settings: Settings, opened: Open) -> typer.Typer:
    """The programs that send batches; their room is loaded with its own commands only."""

    def clients() -> SqlClients:
        from employers.store import SqlClients as Clients  # noqa: PLC0415 - see above

        return Clients(opened().engine)

    return employers_commands(clients, utc_now, local=not settings.production)


def _emrex(settings: Settings, opened: Open) -> typer.Typer:
    """Documents for other universities; the register and the key are opened by who needs them."""

    def maker() -> Maker:
        from emrex_wiring import maker_of  # noqa: PLC0415 - see above

        return maker_of(opened())

    return emrex_commands(
        lambda: opened().register,
        maker,
        lambda: opened().service_signer("emrex").chain[0],
        utc_now,
        settings.elmo_schemas,
    )


def _register(settings: Settings, opened: Open, *, must_exist: bool) -> OpenedRegister:
    """The register; reading one that is not there must not make it."""
    if must_exist:
        _require_instance(settings)
    return OpenedRegister(opened().register, opened().writer)


def _there(settings: Settings, opened: Open) -> Instance:
    """The instance of this folder, for commands that begin nothing: they must not make one."""
    _require_instance(settings)
    return opened()


def _switches(settings: Settings) -> Switches:
    import guards  # noqa: PLC0415 - see above

    return guards.switches(settings)


def _require_instance(settings: Settings) -> None:
    if not settings.has_database:
        raise NotRegistered(
            "There is no register in this folder. Import one, or name another --home."
        )


def _open(settings: Settings) -> Instance:
    from wiring import Instance  # noqa: PLC0415 - see above

    return Instance(settings)


def open_bulk(settings: Settings) -> Bulk:
    """What issues cohorts; at module level, because workers get it pickled."""
    from wiring import open_bulk as opened  # noqa: PLC0415 - see above

    if multiprocessing.parent_process() is not None:  # a worker, which did not pass `run`
        logs.configure(sys.stderr)
    _require_instance(settings)
    return opened(settings)


def _serve_command(settings: Settings) -> Callable[..., None]:
    def serve(role: Role = None, port: Port = None) -> None:
        """Serve one role until stopped; everything by default."""
        import running  # noqa: PLC0415 - see above

        running.serve(_on_port(settings, port), role or settings.role)

    return serve


def _demo_command(settings: Settings) -> Callable[..., None]:
    def show(*, no_serve: NoServe = False, elmo: ElmoFile = None, port: Port = None) -> None:
        """Make a whole service with invented people, check its documents, and serve it."""
        import demo  # noqa: PLC0415 - see above
        import running  # noqa: PLC0415 - see above

        say, chosen = Console(), _on_port(settings, port)
        if not no_serve:
            with running.listening(chosen.host, chosen.port):
                pass  # a door that is taken is better told before the work than after it
        instance = _open(chosen)
        files = demo.prepare(instance, elmo, say)
        with Sandbox() as sandbox:
            checked = demo.check(online_verifier(instance, sandbox), files)
        say.print(demo.table(checked, chosen.home))
        instance.close()
        if not no_serve:
            say.print(demo.invitation(chosen.url))
            running.serve(chosen, ProcessRole.ALL)

    return show


def _on_port(settings: Settings, port: int | None) -> Settings:
    return settings if port is None else settings.model_copy(update={"port": port})


def _command_line_verifier(
    settings: Settings,
    opened: Open,
    *,
    trust: Path | None,
    offline: bool,
    at: datetime | None = None,
) -> Verifier:
    """What `echt verify` asks: this instance where there is one, else the list alone."""
    sandbox = Sandbox(size=1)
    atexit.register(sandbox.close)
    if trust is None and not offline and settings.has_database:
        with suppress(StorageUnavailable):  # then today's status is simply not done
            return online_verifier(opened(), sandbox)
    return lone_verifier(settings, sandbox, trust, at)


def _command_line_receipts(
    settings: Settings,
    opened: Open,
    *,
    trust: Path | None,
    offline: bool,
    at: datetime | None = None,
) -> Receipts:
    """Who judges receipts for `echt verify`; as the verifier beside it."""
    if trust is None and not offline and settings.has_database:
        with suppress(StorageUnavailable):
            return online_receipts(opened())
    return lone_receipts(settings, trust, at)


def _translator(language: str) -> Callable[[str], str]:
    return i18n.translations()[i18n.Language(language)].gettext


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what a person can do something about into one line and an exit code."""
    try:
        yield
    except FAMILIES as error:
        sys.stderr.write(f"{_in_full(error)}\n")
        raise SystemExit(EXIT_BY_STATUS.get(error.status, COULD_NOT)) from error
    except ValidationError as error:
        places = ", ".join("ECHT_" + "__".join(map(str, e["loc"])).upper() for e in error.errors())
        sys.stderr.write(f"These settings cannot be used: {places}\n")
        raise SystemExit(WRONG_USE) from error
    except OSError as error:  # a folder or file that the person named, or a disk that is full
        sys.stderr.write(f"{error.filename or 'The disk'}: {error.strerror or error}\n")
        raise SystemExit(COULD_NOT) from error
    except Exception as error:  # the last resort of the command line
        place = logs.place_of(error)
        sys.stderr.write(f"This should not have happened; please report it: {place}\n")
        raise SystemExit(COULD_NOT) from error


def _in_full(error: Exception) -> str:
    """An operator may know more than a visitor: what is wrong with a key, and where."""
    told = (getattr(one, "reason", "") or getattr(one, "public", "") for one in _links(error))
    return " ".join(filter(None, told))


def _links(error: Exception) -> Iterator[object]:
    """The error and what it was raised from, as far as one of ours."""
    yield error
    if isinstance(error.__cause__, FAMILIES):
        yield from _links(error.__cause__)


def _take_home(arguments: list[str]) -> tuple[list[str], Path | None]:
    """Take `--home DIR` out of the arguments, wherever it stands."""
    rest, home = list(arguments), None
    for place, word in enumerate(arguments):
        if word == "--home":
            home = _folder(arguments[place + 1 : place + 2])
            del rest[place : place + 2]
        elif word.startswith("--home="):
            home = _folder([word.removeprefix("--home=")])
            rest.remove(word)
    return rest, home


def _unmet(arguments: list[str], settings: Settings) -> list[str]:
    """Why this cannot be production; `keys` refuses by itself what production may not do.

    A ceremony is held where there is no database and no network, and must be held to
    production's rules all the same.
    """
    if "keys" in arguments[:1]:
        return []
    return check_production(settings, _role_of(arguments, settings))


def _role_of(arguments: list[str], settings: Settings) -> ProcessRole:
    """The role that `serve` is asked for; any other command is held to the machine's own."""
    if "serve" not in arguments[:1]:
        return settings.role
    words = " ".join(arguments).replace("--role=", "--role ").split()
    named = words[words.index("--role") + 1 :][:1] if "--role" in words else []
    known = [role for role in ProcessRole if [role.value] == named]
    return known[0] if known else settings.role


def _folder(words: list[str]) -> Path:
    if not words or not words[0]:
        sys.stderr.write("--home needs the name of a folder.\n")
        raise SystemExit(WRONG_USE)
    return Path(words[0])


if __name__ == "__main__":
    run()
