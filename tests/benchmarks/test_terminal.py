"""What the terminal benchmark measures is what it says: whole frames that are right, and sales that are made."""

from __future__ import annotations

import json

from benchmarks.terminal import far_end, line_of, neo2_sale, ready, sell, zvt_sale
from devices.terminals.neo2 import framing as neo2
from devices.terminals.uris import open_terminal
from devices.terminals.zvt import framing as zvt


def test_every_byte_of_the_sales_belongs_to_a_frame_that_is_right() -> None:
    events = zvt.FrameParser().feed(zvt_sale())
    assert [type(event) for event in events] == [zvt.Acknowledged, zvt.Received] * 17
    frames = neo2.FrameParser().feed(neo2_sale())
    assert b"".join(neo2.encode(frame) for frame in frames if isinstance(frame, neo2.Frame)) == neo2_sale()


async def test_a_sale_on_the_bench_tells_three_times() -> None:
    with far_end() as (path, peer):
        terminal = open_terminal(f"zvt+serial://{path}", password="123456", currency="EUR")
        await terminal.open()
        await ready(terminal)
        for minor in (100, 101):
            told = await sell(terminal, minor)
            wrote = json.loads(line_of(peer))
            assert len(wrote) == len(told) == 3
            assert all(before < after for before, after in zip(wrote, told, strict=True))
        await terminal.close()
