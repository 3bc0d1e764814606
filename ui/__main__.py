"""`python -m ui --socket PATH [--windowed]`: the kiosk's face as a process of its own."""

from __future__ import annotations

import argparse
import signal
import sys

from ui.app import Face, application


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ui", description="Shows the kiosk's screens.")
    parser.add_argument("--socket", required=True, help="the engine's UNIX socket")
    parser.add_argument("--windowed", action="store_true", help="a window instead of the whole screen")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    app = application(sys.argv[:1])
    face = Face(options.socket, options.windowed)
    face.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
