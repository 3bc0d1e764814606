"""A face in a process of its own: shows a screen of the gallery, the next for each thing asked, and writes what that was."""

from __future__ import annotations

import datetime as dt
import sys

from ui.early import application

SCREENS = ("attract", "birth-date", "statement", "help")


def main() -> None:
    app = application(["lobbypay"])
    from demo.gallery import LANGUAGES, SITE, gallery
    from kiosk.visit.present import present
    from kiosk.words import FluentWords
    from ui import store
    from ui.app import Face

    store.REST_S = 0.0  # the stranger here is a machine, and presses the next screen's button before a trembling hand could

    words = {language: FluentWords(language, dt.UTC) for language in LANGUAGES}
    face = Face("", windowed=True)
    face.link.close()
    left = list(SCREENS)

    def turn(intent: str = "", value: str = "") -> None:
        sys.stdout.write(f"{intent} {value}\n")
        sys.stdout.flush()
        if not left:
            app.quit()
            return
        face.store.show(present(gallery("en")[left.pop(0)], words, SITE, serial=0))

    face.store.asked.connect(turn)
    face.show()
    turn()
    app.exec()


if __name__ == "__main__":
    main()
