"""What keeps the engine's loop prompt beside its threads, which share its interpreter."""

from __future__ import annotations

import gc
import sys

SWITCH_S = 0.0005
"""How long the loop waits before the thread that holds the interpreter, as the database's that seals a record, is made to hand it
over. With Python's own 5 ms, one tick in a hundred is as late."""


def stay_prompt() -> None:
    """To be called when everything is set up, by the process of an engine."""
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()  # what the start has left is no garbage: a collection in the middle of a payment need not look at it
