"""Who may ask, and who may answer: the line between web and signer is theirs alone."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from credentials.channel import HOST, Channel
from credentials.errors import SealingPaused
from credentials.wire import READY
from tests.faults.signer.halves import CHOICE, NOW, PATIENCE, Split, say

pytestmark = pytest.mark.slow


def test_a_caller_without_a_certificate_is_refused(halves: Split) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(halves.web.channel_folder / "signer.pem")

    assert knock(halves.socket, context) is None


def test_a_caller_with_another_certificate_is_refused(halves: Split, tmp_path: Path) -> None:
    stranger = Channel(tmp_path / "stranger")
    stranger.make(NOW)
    shutil.copy(halves.web.channel_folder / "signer.pem", stranger.folder / "signer.pem")

    assert knock(halves.socket, stranger.client_context()) is None
    assert knock(halves.socket, Channel(halves.web.channel_folder).client_context()) is not None


def test_the_signers_own_certificate_opens_no_door(halves: Split) -> None:
    """Each certificate is for one direction: the signer's cannot ask for anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    folder = halves.web.channel_folder
    context.load_verify_locations(folder / "signer.pem")
    context.load_cert_chain(folder / "signer.pem", folder / "signer.key")

    assert knock(halves.socket, context) is None


def test_an_older_tls_is_refused(halves: Split) -> None:
    context = Channel(halves.web.channel_folder).client_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    assert knock(halves.socket, context) is None


def test_a_caller_without_tls_gets_no_answer(halves: Split) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        line.connect(str(halves.socket))
        line.sendall(b"POST /extracts HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b"".join(iter(lambda: line.recv(4096), b""))

    assert b"HTTP" not in answer


def knock(path: Path, context: ssl.SSLContext) -> bytes | None:
    """The first line that a caller is told, or None where the door stays shut."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        line.connect(str(path))
        try:
            with context.wrap_socket(line, server_hostname=HOST) as inside:
                inside.sendall(f"GET {READY} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                return inside.recv(100) or None
        except OSError:  # ssl.SSLError is one
            return None


def test_an_impostor_at_the_socket_is_not_believed(fresh: Split, tmp_path: Path) -> None:
    """It has a certificate for the right name, and does not get one byte of a request."""
    impostor = Channel(tmp_path / "impostor")
    impostor.make(NOW)
    shutil.copy(fresh.web.channel_folder / "web.pem", impostor.folder / "web.pem")
    heard: list[bytes] = []

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(fresh.socket))
        listener.listen()
        thread = threading.Thread(target=_answer_once, args=(listener, impostor, heard))
        thread.start()
        with pytest.raises(SealingPaused):
            fresh.remote.extract(fresh.record(), *CHOICE)
        thread.join(PATIENCE)

    assert heard == []


def _answer_once(listener: socket.socket, impostor: Channel, heard: list[bytes]) -> None:
    line, _ = listener.accept()
    line.settimeout(PATIENCE)
    try:
        with impostor.server_context().wrap_socket(line, server_side=True) as inside:
            heard.append(inside.recv(100))
    except OSError:
        line.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nno number",
        b"HTTP/1.1 200 OK\r\nEcht-Number: ../../etc\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nEcht-Number: 2222-2222-2222\r\nContent-Length: 99999999\r\n\r\n"
        + bytes(17 * 1024 * 1024),
        b"HTTP/1.1 200 OK\r\nEcht-Number: 2222-2222-2222\r\nContent-Length: 99\r\n\r\nhalf",
        b"HTTP/1.1 500 X\r\nContent-Length: 4\r\n\r\nnot ",
        b"not even HTTP\r\n\r\n",
        b"",
    ],
    ids=["no-number", "odd-number", "too-long", "cut-off", "no-json", "no-http", "nothing"],
)
def test_an_answer_that_is_not_a_document_is_a_pause(fresh: Split, answer: bytes) -> None:
    """Even of a signer that has the right key, and went mad."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(fresh.socket))
        listener.listen()
        channel = Channel(fresh.web.channel_folder)
        thread = threading.Thread(target=say, args=(listener, channel, answer))
        thread.start()
        with pytest.raises(SealingPaused):
            fresh.remote.extract(fresh.record(), *CHOICE)
        thread.join(PATIENCE)

    assert fresh.remote.made(fresh.record(), *CHOICE) is None


def test_a_signer_that_never_answers_is_given_up(fresh: Split) -> None:
    impatient = replace(fresh.remote, line=replace(fresh.remote.line, patience=0.2))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(fresh.socket))
        listener.listen()
        with pytest.raises(SealingPaused):
            impatient.extract(fresh.record(), *CHOICE)
