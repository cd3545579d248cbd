"""Closes the file system to this process (landlock(7)), without any privilege.

Readable afterwards is only the code that a module may still import late: the standard
library, the installed packages, the system's shared libraries, and the two rooms that a
reader is made of. Nothing can be written, made, removed or run.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on x86-64 and arm64
_VERSION, _BENEATH = 1, 1
_PR_SET_NO_NEW_PRIVS = 38
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many kinds of access to files each version of the interface knows."""
_NEWEST = 5
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_HOUSE = Path(__file__).resolve().parent.parent
_ROOMS = ("verifier", "keys")


def close_files() -> bool:
    """Refuse every file but our own code from now on; False where the kernel cannot."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    rules = _ruleset(libc, version)
    if rules < 0:
        return False
    try:
        for folder in _code():
            _allow_reading(libc, rules, folder)
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        return bool(libc.syscall(_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _ruleset(libc: ctypes.CDLL, version: int) -> int:
    """A set of rules that handles, and so refuses, all that this kernel knows of."""
    files = (1 << _FILE_RIGHTS[min(version, _NEWEST)]) - 1
    attributes = struct.pack("Q", files)
    if version >= _NETWORK_SINCE:
        attributes += struct.pack("Q", 0b11)  # bind and connect (TCP)
    if version >= _SCOPES_SINCE:
        attributes += struct.pack("Q", 0b11)  # abstract sockets and signals
    size = ctypes.c_size_t(len(attributes))
    return int(libc.syscall(_CREATE, ctypes.create_string_buffer(attributes), size, 0))


def _code() -> list[Path]:
    """Where code lives that may be imported late."""
    paths = sysconfig.get_paths()
    places = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found = [Path(place) for place in (*sorted(places), f"{sys.base_prefix}/lib", *_LIBRARIES)]
    return [place for place in (*found, *(_HOUSE / room for room in _ROOMS)) if place.is_dir()]


def _allow_reading(libc: ctypes.CDLL, rules: int, folder: Path) -> None:
    place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", _READ_FILE | _READ_FOLDER, place))
        libc.syscall(_ADD, rules, _BENEATH, rule, 0)
    finally:
        os.close(place)
