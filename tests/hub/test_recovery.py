"""A kiosk's database key, recovered at the hub from the file that the kiosk left for it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hub.folder import HubError
from hub.hub import Hub
from hub.recovery import recover_key
from offline_queue.wire.left_key import LeftKey, leave

KEY = bytes(range(32))


@pytest.fixture
def left(hub: Hub, tmp_path: Path) -> Path:
    kid, own = next(iter(hub.keys.sealing.items()))
    file = tmp_path / "journal.key.hub"
    file.write_text(leave(KEY, "lobby-1", 1, kid, own.public_key()).model_dump_json(), "ascii")
    return file


def test_the_hub_opens_what_was_left_for_it(hub: Hub, left: Path, tmp_path: Path) -> None:
    out = tmp_path / "journal.key"
    assert recover_key(hub.keys, left, out) == "lobby-1"
    assert out.read_bytes() == KEY
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with pytest.raises(HubError, match="there already"):
        recover_key(hub.keys, left, out)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kiosk": "lobby-2"}, "another hub, or was altered"),
        ({"epoch": 2}, "another hub, or was altered"),
        ({"kid": "another"}, "another hub, or was altered"),
        ({"v": 2}, "is not a key that a kiosk left"),
        ({"kiosk": "Maria Alvarez"}, "is not a key that a kiosk left"),
    ],
)
def test_what_is_of_another_kiosk_or_hub_does_not_open(
    hub: Hub, left: Path, tmp_path: Path, change: dict[str, object], words: str
) -> None:
    altered = LeftKey.model_validate_json(left.read_bytes()).model_copy(update=change)
    left.write_text(altered.model_dump_json(), "ascii")
    with pytest.raises(HubError, match=words):
        recover_key(hub.keys, left, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_key_of_the_same_name_at_another_hub_does_not_open_it(hub: Hub, left: Path, tmp_path: Path) -> None:
    kid = next(iter(hub.keys.sealing))
    hub.keys.sealing[kid] = X25519PrivateKey.generate()
    with pytest.raises(HubError, match="another hub"):
        recover_key(hub.keys, left, tmp_path / "out")


def test_files_that_are_not_there_are_told(hub: Hub, left: Path, tmp_path: Path) -> None:
    with pytest.raises(HubError, match="cannot be read"):
        recover_key(hub.keys, tmp_path / "none", tmp_path / "out")
    with pytest.raises(HubError, match="cannot be written"):
        recover_key(hub.keys, left, tmp_path / "none" / "out")
