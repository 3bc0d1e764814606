"""NEO 2 over USB HID (guide, p41): reports of 64 bytes, an id and 63 bytes of a frame, zeros after its end.

Id 1 carries a whole frame; 2 the first part of a longer one, 3 a middle part, 4 the last. Ids 3 and 4 with nothing before them,
and all other ids, are ignored.
"""

from __future__ import annotations

from devices.terminals.neo2.framing import Event, Frame, FrameParser, Noise

REPORT = 64
"""Bytes of a report, its id included."""

_PART = REPORT - 1
_SINGLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def reports(frame: bytes) -> list[bytes]:
    """The reports that carry `frame`."""
    parts = [frame[at : at + _PART].ljust(_PART, b"\0") for at in range(0, len(frame), _PART)]
    if len(parts) == 1:
        return [bytes([_SINGLE]) + parts[0]]
    ids = [_FIRST, *[_MIDDLE] * (len(parts) - 2), _LAST]
    return [bytes([number]) + part for number, part in zip(ids, parts, strict=True)]


class ReportParser:
    """Takes one report at a time and says which frames are complete. Never raises; holds at most one frame."""

    def __init__(self) -> None:
        self._frames = FrameParser()
        self._begun = False

    @property
    def quiet(self) -> bool:
        return not self._begun

    def feed(self, report: bytes | bytearray | memoryview) -> list[Event]:
        """`report` is what one read of the device gave."""
        if len(report) != REPORT:
            return [Noise()]
        number, events = report[0], list[Event]()
        if number in (_SINGLE, _FIRST):
            events += self.gap()
        elif number not in (_MIDDLE, _LAST) or not self._begun:
            return [Noise()]
        self._begun = number in (_FIRST, _MIDDLE)
        events += self._frames.feed(report[1:])
        if self._begun:
            return events
        events += self._frames.gap()
        whole = any(isinstance(event, Frame) for event in events)
        return [event for event in events if not (whole and isinstance(event, Noise))]  # the zeros behind a frame are no noise

    def gap(self) -> list[Event]:
        """The device paused, or began anew: what was begun will not go on."""
        self._begun = False
        return self._frames.gap()
