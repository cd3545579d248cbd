"""Shuts the door behind a process that reads untrusted bytes: no network, no writing, no more.

Resource limits hold on every Unix. On Linux a seccomp filter (seccomp(2)) also refuses
new network sockets, new programs and opening files for writing; where the kernel will
not have it, the limits still stand, and so does Python's own refusal to open a socket.
"""

from __future__ import annotations

import ctypes
import platform
import resource
import socket
import struct
import sys
from typing import NoReturn

MEMORY_BYTES = 700 * 1024 * 1024
OPEN_FILES = 32
CPU_SECONDS = 8

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO with EPERM
_LOAD, _EQUALS, _HAS_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FLAGS = 0, 4, 32  # offsets in struct seccomp_data; openat's third argument
_WRITING = 0o3 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC

# AUDIT_ARCH value; what is refused by number; openat. Refused are: socket, connect, execve,
# execveat, ptrace, unlinkat, renameat, openat2, clone3, clone, and the older forms of these.
_X86 = (41, 42, 59, 322, 101, 263, 264, 437, 435, 56, 57, 58, 2, 85, 87, 82)
_ARM = (198, 203, 221, 281, 117, 35, 38, 437, 435, 220)
_CALLS = {"x86_64": (0xC000003E, _X86, 257), "aarch64": (0xC00000B7, _ARM, 56)}


def confine(*, memory: int = MEMORY_BYTES) -> bool:
    """Give up what a reader never needs, for good; say whether the kernel's filter stands too."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    socket.socket.connect = _refuse  # type: ignore[method-assign]  # the second lock on this door
    socket.getaddrinfo = _refuse
    return _filter_calls()


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


def _program(architecture: int, refused: tuple[int, ...], opening: int) -> bytes:
    """A classic BPF program: unknown architecture, refused calls and opening to write fail."""
    count = len(refused)
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUALS, 0, count + 5, architecture),
        (_LOAD, 0, 0, _NUMBER),
        *((_EQUALS, count + 3 - at, 0, number) for at, number in enumerate(refused)),
        (_EQUALS, 0, 2, opening),
        (_LOAD, 0, 0, _FLAGS),
        (_HAS_BITS, 1, 0, _WRITING),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
