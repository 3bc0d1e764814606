"""The face as a process of its own at a real engine, and a patient who pays a little of one bill again and again.

`python -m benchmarks.visit_payer SOCKET NUMBER BIRTH VISITS`: NUMBER and BIRTH are the digits that are typed. Prints, each time
that the kiosk is at rest again, how many visits there were.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.app import Face

AMOUNT = "10"
"""Cents."""

TOUCHED = {
    "attract": ("choose-language", "en"),
    "scan": ("other-ways", ""),
    "other-ways": ("type-number", ""),
    "paid-before": ("show-bill", ""),
    "statement": ("other-amount", ""),
    "approved": ("print", ""),
    "thank-you": ("done", ""),
}
WAITED_FOR = frozenset({"", "looking-up", "probing", "opening", "card", "printing"})


class _Payer:
    def __init__(self, face: Face, number: str, birth: str, visits: int) -> None:
        self._face = face
        self._typed = {"number": number, "birth-date": birth, "amount": AMOUNT}
        self._visits = visits
        self._paid = 0
        self._screen = ""
        face.store.changed.connect(self._look)
        self._look()  # the engine's first word may have been heard before

    def _look(self) -> None:
        screen = self._face.store.snapshot.screen
        if screen == self._screen:
            return
        if screen == "attract" and self._screen == "thank-you":
            self._paid += 1
            print(self._paid, flush=True)
            if self._paid == self._visits:
                self._screen = screen
                return  # stays, to be looked at, until it is stopped
        self._screen = screen
        if screen in self._typed:
            for digit in self._typed[screen]:
                self._face.link.send("key", digit)
            self._face.link.send("pay" if screen == "amount" else "next", "")
        elif screen in TOUCHED:
            self._face.link.send(*TOUCHED[screen])
        elif screen not in WAITED_FOR:
            raise RuntimeError(f"a payment ended at {screen}")


def main(socket: str, number: str, birth: str, visits: int) -> None:
    from ui.__main__ import main as face_main

    payers: list[_Payer] = []  # Qt holds no reference to whom it calls
    face_main(["--socket", socket], lambda face: payers.append(_Payer(face, number, birth, visits)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
