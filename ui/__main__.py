"""`python -m ui --socket PATH [--windowed] [--sink NAME --jack PATH]`: the kiosk's face as a process of its own."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ui.early import WarmEngine, application

if TYPE_CHECKING:
    from ui.app import Face

USAGE = "usage: python -m ui --socket PATH [--windowed] [--sink NAME --jack PATH]"


def main(arguments: Sequence[str], opened: Callable[[Face], None] | None = None) -> int:
    """Runs until the window is closed or a signal ends it. `opened` is told of the face just before it shows."""
    match arguments:  # argparse would cost the first frame 5 ms
        case ["--socket", path, *rest] if (kinds := _rest(rest)) is not None:
            windowed, sink = kinds
        case _:
            sys.stderr.write(f"{USAGE}\n")
            return 2
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing here needs saving: the engine holds the visit
    app = application(["lobbypay"])
    engine = WarmEngine()
    from ui.app import Face  # only now: the controls load meanwhile

    face = Face(path, windowed, engine=engine, sink=sink)
    if opened is not None:
        opened(face)
    face.show()
    return app.exec()


def _rest(arguments: list[str]) -> tuple[bool, tuple[str, str] | None] | None:
    """Whether there is to be a window, and where a voice is heard; None for what is not understood."""
    windowed = arguments[:1] == ["--windowed"]
    match arguments[windowed:]:
        case []:
            return windowed, None
        case ["--sink", sink, "--jack", jack]:
            return windowed, (sink, jack)
        case _:
            return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
