"""The simulated printer understands a stream however it is cut up."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from devices.printers.rendering import Renderer
from devices.printers.simulator.parser import Command, Parser
from tests.devices.printers.receipts import receipt

STREAM = b"".join(Renderer(48, "default").render(receipt()))


def names_of(commands: list[Command]) -> list[str]:
    """Their names; text that came in several pieces counts as one."""
    names = [command.name for command in commands]
    return [name for before, name in zip(["", *names], names, strict=False) if not before == name == "text"]


def test_nothing_that_our_driver_sends_is_unknown() -> None:
    names = names_of(Parser().feed(STREAM))
    assert {"text", "LF", "ESC @", "ESC t", "GS v 0", "ESC d", "GS V"} <= set(names)
    assert "unknown" not in names


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_where_the_stream_is_cut_makes_no_difference(cuts: list[int]) -> None:
    parser = Parser()
    edges = [0, *sorted(cuts), len(STREAM)]
    commands = [command for start, end in itertools.pairwise(edges) for command in parser.feed(STREAM[start:end])]
    assert names_of(commands) == names_of(Parser().feed(STREAM))
    assert b"".join(command.raw for command in commands) == STREAM


@given(st.binary(max_size=400))
def test_garbage_is_taken_apart_without_a_byte_lost(garbage: bytes) -> None:
    raw = b"".join(command.raw for command in Parser().feed(garbage))
    assert garbage.startswith(raw)


def test_real_time_requests_inside_an_image_are_dots() -> None:
    image = b"\x1dv0\x00\x03\x00\x01\x00" + b"\x10\x04\x01"
    assert [command.name for command in Parser().feed(image)] == ["GS v 0"]
