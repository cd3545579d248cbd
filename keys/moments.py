"""Moments as everything that we publish writes them: RFC 3339, UTC, whole seconds."""

from __future__ import annotations

from datetime import UTC, datetime

from keys import jws
from keys.errors import TrustListInvalid

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def written(moment: datetime) -> str:
    """Write a moment as `YYYY-MM-DDThh:mm:ssZ`."""
    return moment.astimezone(UTC).strftime(FORMAT)


def parse(text: str) -> datetime:
    """Read what `written` wrote.

    Raises:
        ValueError: it is something else.
    """
    return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)


def read(value: object) -> datetime:
    """Read a moment of a signed list.

    Raises:
        TrustListInvalid: it is something else.
    """
    try:
        return parse(jws.text(value))
    except ValueError as cause:
        raise TrustListInvalid("a time in the list is not written in UTC") from cause


def read_if_any(value: object) -> datetime | None:
    """Read a moment that may be absent; raises as `read`."""
    return None if value is None else read(value)


def ends(**moments: datetime | None) -> dict[str, object]:
    """Write the moments that are there as members, under these names."""
    return {name: written(one) for name, one in moments.items() if one is not None}
