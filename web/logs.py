"""What may stand in a log: a list of keys, and nothing else (platform.md 3.10).

A key that is not on the list is dropped, so a careless line cannot leak a name or a
national number. Errors are logged by type and place in the code, never by message:
a message may quote what somebody typed.
"""

from __future__ import annotations

import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "request_id",
        "method",
        "route",
        "status",
        "duration_ms",
        "bytes_out",
        "kind",
        "error",
        "where",
        "role",
        "version",
        "check",
        "count",
        "key",
        "authority",
        "alias",
    }
)
_FRAMES = 6

Event = MutableMapping[str, Any]


def allow_listed(_logger: object, _method: str, event: Event) -> Event:
    """Keep the keys of the list; drop every other one."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def configure(stream: TextIO) -> None:
    """Send one JSON object a line to `stream`, for the whole process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_listed,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )


def report(error: BaseException) -> None:
    """Log what went wrong in work that no visitor waits for."""
    structlog.get_logger().error("background work failed", **place_of(error))


def place_of(error: BaseException) -> dict[str, object]:
    """Type of an error, of its cause, and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__
    name = type(error).__name__
    return {"error": f"{name} < {type(cause).__name__}" if cause else name, "where": where}
