"""Shuts the door behind a process that reads untrusted bytes: no network, no files, no more.

Resource limits hold on every Unix. On Linux a seccomp filter (seccomp(2)) also refuses
new network sockets, new programs and opening files for writing, and Landlock
(landlock(7)) closes the file system but for the program's own code. Where the kernel
will not have one of them the others still stand, `Walls` says so, and Python itself
refuses to open a socket.
"""

from __future__ import annotations

import ctypes
import platform
import resource
import socket
import struct
import sys
from dataclasses import dataclass
from typing import NoReturn

from verifier.landlock import close_files

MEMORY_BYTES = 700 * 1024 * 1024
OPEN_FILES = 32
CPU_SECONDS = 8

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO with EPERM
_LOAD, _EQUALS, _HAS_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_FIRST, _FLAGS = 16, 32  # its first argument, and openat's third
_WRITING = 0o3 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC

# Refused by number, in groups: network sockets; new processes; files made, moved, removed or
# changed; other processes looked into or signalled; io_uring, which would do all of these past
# a filter.
_X86 = (
    *(41, 42),
    *(56, 57, 58, 59, 101, 322, 435),
    *(2, 76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 133, 155, 161, 165, 258, 259, 260),
    *(261, 263, 264, 265, 266, 268, 280, 316, 437, 452),
    *(62, 200, 234, 310, 311, 321, 323, 424, 434, 438),
    *(425, 426, 427),
)
_ARM = (
    *(198, 203),
    *(117, 220, 221, 281, 435),
    *(33, 34, 35, 36, 37, 38, 40, 41, 45, 51, 52, 53, 54, 55, 88, 276, 437, 452),
    *(129, 130, 131, 270, 271, 280, 282, 424, 434, 438),
    *(425, 426, 427),
)
# AUDIT_ARCH value; what is refused; openat; prlimit64, which may name this process alone.
_CALLS = {"x86_64": (0xC000003E, _X86, 257, 302), "aarch64": (0xC00000B7, _ARM, 56, 261)}


@dataclass(frozen=True, slots=True)
class Walls:
    """Which walls of the kernel stand around a reader, beside its resource limits."""

    calls: bool
    """A filter refuses network, programs and writing (seccomp)."""
    files: bool
    """No file can be opened but the program's own code (Landlock)."""

    def told(self) -> bytes:
        """The walls in two letters, a dash for one that is missing."""
        return (b"C" if self.calls else b"-") + (b"F" if self.files else b"-")

    @classmethod
    def understood(cls, told: bytes) -> Walls:
        """The walls of a reader that told of them."""
        return cls(calls=told[:1] == b"C", files=told[1:] == b"F")


def confine(*, memory: int = MEMORY_BYTES) -> Walls:
    """Give up what a reader never needs, for good; say which walls of the kernel stand too."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    socket.socket.connect = _refuse  # type: ignore[method-assign]  # the second lock on this door
    socket.getaddrinfo = _refuse
    files = close_files()
    return Walls(calls=_filter_calls(), files=files)


def allow_cpu(seconds: int = CPU_SECONDS) -> None:
    """Let this process use that much more processor time; the kernel ends it beyond."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (spent + seconds + 1, hard))


def _refuse(*_: object, **__: object) -> NoReturn:
    raise PermissionError("nothing here may reach the network")


def _filter_calls() -> bool:
    calls = _CALLS.get(platform.machine())
    if not sys.platform.startswith("linux") or calls is None:
        return False
    program = _program(*calls)
    code = ctypes.create_string_buffer(program)
    header = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    )
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(header), 0, 0) == 0)


def _program(architecture: int, refused: tuple[int, ...], opening: int, limits: int) -> bytes:
    """A classic BPF program: unknown architecture, refused calls and opening to write fail.

    Each line is (operation, lines to skip when true, when false, operand); the last two
    lines are "allow" and "refuse".
    """
    count = len(refused)
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUALS, 0, count + 8, architecture),
        (_LOAD, 0, 0, _NUMBER),
        *((_EQUALS, count + 6 - at, 0, number) for at, number in enumerate(refused)),
        (_EQUALS, 0, 2, opening),
        (_LOAD, 0, 0, _FLAGS),
        (_HAS_BITS, 4, 3, _WRITING),
        (_EQUALS, 0, 2, limits),
        (_LOAD, 0, 0, _FIRST),
        (_EQUALS, 0, 1, 0),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
