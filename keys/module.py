"""The vendor's PKCS#11 module ("Cryptoki"), initialised so that many threads may use it.

The binding initialises a module without arguments. That promises the module one single
thread (PKCS#11 v2.40 base, 5.4 C_Initialize): it leaves its locks open, and threads then
damage its memory even when each has a session of its own. So the module is initialised
here, with CKF_OS_LOCKING_OK. A module knows one initialisation per process, so a process
opens one token of a module.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import pkcs11
from pkcs11.exceptions import PKCS11Error

from keys.errors import KeyUnavailable

OS_LOCKING_OK = 0x02
"""CKF_OS_LOCKING_OK, pkcs11t.h."""
OK, ALREADY_INITIALIZED = 0x000, 0x191
"""CKR_OK and CKR_CRYPTOKI_ALREADY_INITIALIZED."""


class Module:
    """One library; between `begin` and `end` its tokens and sessions can be used."""

    __slots__ = ("_binding", "_path", "_started")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._binding: pkcs11._pkcs11.lib | None = None
        self._started: _FunctionList | None = None

    def begin(self) -> pkcs11._pkcs11.lib:
        """Initialise the module for many threads, and hand out the binding to it.

        Raises:
            KeyUnavailable: another object of this process has it open.
            PKCS11Error: the module refuses.
            OSError: there is no such library.
        """
        self._start()
        if self._binding is None:
            # The binding initialises for a single thread as it loads: let it, and do it over.
            self.end()
            self._binding = pkcs11.lib(str(self._path))
            self._binding.finalize()
            self._start()
        return self._binding

    def end(self) -> None:
        """Log out and close every session; nothing happens where it was not begun."""
        if self._started is not None:
            self._started.C_Finalize(None)
            self._started = None

    def _start(self) -> None:
        functions = _functions(self._path)
        arguments = _InitializeArgs(flags=OS_LOCKING_OK)
        answer = functions.C_Initialize(ctypes.byref(arguments))
        if answer == ALREADY_INITIALIZED:
            raise KeyUnavailable(
                "This process has the module of the token open already: one `Token` serves it all."
            )
        if answer != OK:
            raise PKCS11Error(f"C_Initialize answers {answer:#x}")
        self._started = functions


class _InitializeArgs(ctypes.Structure):
    """CK_C_INITIALIZE_ARGS: four mutex functions (ours: none), flags, reserved."""

    _fields_ = (
        ("mutexes", ctypes.c_void_p * 4),
        ("flags", ctypes.c_ulong),
        ("reserved", ctypes.c_void_p),
    )


_Call = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)


class _FunctionList(ctypes.Structure):
    """The beginning of CK_FUNCTION_LIST."""

    _fields_ = (
        ("version", ctypes.c_ubyte * 2),
        ("C_Initialize", _Call),
        ("C_Finalize", _Call),
    )


def _functions(module: Path) -> _FunctionList:
    library = ctypes.CDLL(str(module))
    found = ctypes.POINTER(_FunctionList)()
    answer = library.C_GetFunctionList(ctypes.byref(found))
    if answer != OK:
        raise PKCS11Error(f"C_GetFunctionList answers {answer:#x}")
    return found.contents
