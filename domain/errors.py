"""A failure that is the world's and not a bug (law 12): one plain sentence for the person who can act."""

from __future__ import annotations


class Known(Exception):
    """Stops a command. `str(error)` is the sentence; the command line prints it on stderr and exits 1.

    Rooms keep their own typed errors with codes; a command module turns the ones it expects into this one.
    """
