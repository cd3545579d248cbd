"""What a command of this room says and returns when something cannot be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from keys.errors import (
    CeremonyInvalid,
    CeremonyRefused,
    KeysError,
    StateRefused,
    TranscriptInvalid,
    UnknownKey,
)

REFUSED, WRONG_USE, COULD_NOT = 1, 2, 3
CODES = {
    UnknownKey: WRONG_USE,
    CeremonyInvalid: WRONG_USE,
    StateRefused: REFUSED,
    CeremonyRefused: REFUSED,
    TranscriptInvalid: REFUSED,
}


@contextmanager
def explained() -> Iterator[None]:
    """Turn a family error into one line for the operator and the right exit code."""
    try:
        yield
    except KeysError as error:
        typer.echo(error.reason, err=True)
        raise typer.Exit(CODES.get(type(error), COULD_NOT)) from error
