"""`python -m ui --socket PATH [--windowed]`: the kiosk's face as a process of its own."""

from __future__ import annotations

import argparse
import signal
import sys

from ui.early import WarmEngine, application


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ui", description="Shows the kiosk's screens.")
    parser.add_argument("--socket", required=True, help="the engine's UNIX socket")
    parser.add_argument("--windowed", action="store_true", help="a window instead of the whole screen")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app = application(sys.argv[:1])
    engine = WarmEngine()
    from ui.app import Face  # only now: the controls load meanwhile

    face = Face(options.socket, options.windowed, engine=engine)
    face.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
