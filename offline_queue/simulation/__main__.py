"""`python -m offline_queue.simulation --seeds 2000`: many simulated days on every core."""

from __future__ import annotations

import sys

from offline_queue.simulation.days import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
