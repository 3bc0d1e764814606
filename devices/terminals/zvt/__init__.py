"""ZVT: a terminal that talks to the bank by itself. Facts and their sources: docs of reference "terminals", section 1."""
