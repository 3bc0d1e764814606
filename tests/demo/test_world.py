"""The demo's world as a person gets it: what the settings say of staff."""

from __future__ import annotations

from pathlib import Path

from demo.world import World
from kiosk.settings import read_settings
from kiosk.staff import _matches


def kept(world: World) -> str:
    """The staff's line in the settings that the demo writes."""
    world.hub_url, world.hub_port = "https://localhost:8443", 8443
    world._write_settings("", "http://127.0.0.1:1/stream", "escpos+tcp://127.0.0.1:1")
    return read_settings(world.settings).staff.pin_hash


def test_a_person_gets_a_pin_that_opens_the_staff_screen(tmp_path: Path) -> None:
    world = World(tmp_path, 1, person=True)
    assert (len(world.staff_pin), world.staff_pin.isdecimal()) == (6, True)
    assert _matches(world.staff_pin, kept(world))
    assert not _matches(f"{(int(world.staff_pin) + 1) % 1_000_000:06}", kept(world))


def test_a_visit_played_alone_has_no_staff(tmp_path: Path) -> None:
    world = World(tmp_path, 1)
    assert (world.staff_pin, kept(world)) == ("", "")
