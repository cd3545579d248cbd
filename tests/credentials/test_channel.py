"""The promise under test: the line between web and signer is theirs alone."""

from __future__ import annotations

import socket
import ssl
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from credentials.channel import Channel, listening
from credentials.errors import SealingPaused

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(name="channel")
def _channel(tmp_path: Path) -> Channel:
    made = Channel(tmp_path / "secrets" / "channel")
    made.make(NOW)
    return made


@pytest.fixture(name="folder")
def _folder() -> Iterator[Path]:
    """A short name: that of a socket may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="echt-", dir="/tmp") as folder:
        yield Path(folder)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_for_their_owner_only(channel: Channel) -> None:
    assert {one.name: oct(mode(one)) for one in channel.folder.iterdir()} == {
        "signer.key": "0o600",
        "signer.pem": "0o644",
        "web.key": "0o600",
        "web.pem": "0o644",
    }
    assert mode(channel.folder) == 0o700
    assert mode(channel.folder.parent) == 0o700


def test_certificates_that_exist_stay(channel: Channel) -> None:
    before = {one.name: one.read_bytes() for one in channel.folder.iterdir()}

    channel.make(NOW + timedelta(days=1))

    assert {one.name: one.read_bytes() for one in channel.folder.iterdir()} == before


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".channel.making").mkdir()
    (tmp_path / ".channel.making" / "signer.key").write_text("half")
    channel = Channel(tmp_path / "channel")

    channel.make(NOW)

    assert channel.server_context().verify_mode is ssl.CERT_REQUIRED
    assert [one.name for one in tmp_path.iterdir()] == ["channel"]


def test_neither_certificate_can_vouch_for_a_third(channel: Channel) -> None:
    for name in ("signer", "web"):
        pem = (channel.folder / f"{name}.pem").read_bytes()
        extensions = x509.load_pem_x509_certificate(pem).extensions
        assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
        assert len(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == 1


def test_both_ends_insist_on_the_newest_tls_and_on_the_other(channel: Channel) -> None:
    for context in (channel.server_context(), channel.client_context()):
        assert context.minimum_version is ssl.TLSVersion.TLSv1_3
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert len(context.get_ca_certs() or context.cert_store_stats()) > 0
    assert channel.client_context().check_hostname


def test_the_signer_can_do_without_the_key_of_web_and_the_other_way_round(
    channel: Channel,
) -> None:
    """Under users of their own, neither can read the other's key."""
    (channel.folder / "web.key").rename(channel.folder / "away")
    assert channel.server_context().verify_mode is ssl.CERT_REQUIRED
    (channel.folder / "away").rename(channel.folder / "web.key")
    (channel.folder / "signer.key").unlink()
    assert channel.client_context().check_hostname


@pytest.mark.parametrize("damage", ["missing", "garbled", "swapped"])
def test_a_damaged_channel_pauses_sealing(channel: Channel, damage: str) -> None:
    key = channel.folder / "web.key"
    match damage:
        case "missing":
            key.unlink()
        case "garbled":
            key.write_text("not a key")
        case _:
            key.write_bytes((channel.folder / "signer.key").read_bytes())

    with pytest.raises(SealingPaused):
        channel.client_context()


def test_only_the_owner_may_knock(folder: Path) -> None:
    folder.chmod(0o700)
    with listening(folder / "s") as listener:
        assert mode(folder / "s") == 0o600
        assert listener.getsockname() == str(folder / "s")


def test_the_group_of_the_folder_may_knock_where_it_may_enter(folder: Path) -> None:
    folder.chmod(0o750)
    with listening(folder / "s"):
        assert mode(folder / "s") == 0o660


def test_a_folder_is_made_for_its_owner_only(folder: Path) -> None:
    with listening(folder / "run" / "s"):
        assert mode(folder / "run") == 0o700


def test_the_name_goes_away_with_the_listener(folder: Path) -> None:
    with listening(folder / "s"):
        pass

    assert list(folder.iterdir()) == []


def test_the_name_that_a_killed_signer_left_is_taken_over(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(folder / "s"))
        killed.listen()

    with listening(folder / "s"), socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(folder / "s"))
        assert caller.getpeername() == str(folder / "s")


def test_a_living_signer_keeps_its_socket(folder: Path) -> None:
    with listening(folder / "s"):
        with (
            pytest.raises(FileExistsError, match="another signer is listening"),
            listening(folder / "s"),
        ):
            pass
        assert (folder / "s").exists()


def test_a_file_of_something_else_is_not_removed(folder: Path) -> None:
    (folder / "s").write_text("precious")

    with pytest.raises(OSError, match=r"."), listening(folder / "s"):
        pass

    assert (folder / "s").read_text() == "precious"
