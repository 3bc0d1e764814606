"""Simulated terminals, each its own process on a pty or a TCP port, speaking from the terminal's side. See __main__."""
