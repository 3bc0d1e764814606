"""`python -m ui --socket PATH [--windowed]`: the kiosk's face as a process of its own."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ui.early import WarmEngine, application

if TYPE_CHECKING:
    from ui.app import Face


def main(arguments: Sequence[str], opened: Callable[[Face], None] | None = None) -> int:
    """Runs until the window is closed or a signal ends it. `opened` is told of the face just before it shows."""
    parser = argparse.ArgumentParser(prog="python -m ui", description="Shows the kiosk's screens.")
    parser.add_argument("--socket", required=True, help="the engine's UNIX socket")
    parser.add_argument("--windowed", action="store_true", help="a window instead of the whole screen")
    options = parser.parse_args(arguments)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_DFL)  # nothing here needs saving: the engine holds the visit
    app = application(["lobbypay"])
    engine = WarmEngine()
    from ui.app import Face  # only now: the controls load meanwhile

    face = Face(options.socket, options.windowed, engine=engine)
    if opened is not None:
        opened(face)
    face.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
