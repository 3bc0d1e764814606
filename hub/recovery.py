"""A kiosk's database key, recovered from the file that the kiosk left for its hub."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidTag
from pydantic import ValidationError

from hub.folder import HubError, write_private
from hub.keys import Keys
from offline_queue.wire.left_key import LeftKey, recover


def recover_key(keys: Keys, left_file: Path, out: Path) -> str:
    """Writes the key in `left_file` to `out` (mode 0600). Returns whose it is. Raises HubError; then nothing was written."""
    if out.exists():
        raise HubError("out-exists", f"{out} is there already; name another file.")
    try:
        left = LeftKey.model_validate_json(left_file.read_bytes())
        key = recover(left, keys.sealing[left.kid])
    except OSError as error:
        raise HubError("left-key-unreadable", f"{left_file} cannot be read.") from error
    except ValidationError as error:
        raise HubError("left-key-malformed", f"{left_file} is not a key that a kiosk left for its hub.") from error
    except (KeyError, InvalidTag) as error:
        raise HubError("left-key-foreign", f"{left_file} was left for another hub, or was altered.") from error
    try:
        write_private(out, key)
    except OSError as error:
        raise HubError("out-unwritable", f"{out} cannot be written.") from error
    return left.kiosk
