"""The words everyone shares: pure values. No I/O, no clock, no randomness; imports nothing of ours."""
