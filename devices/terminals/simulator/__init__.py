"""A ZVT terminal as its own process on a pseudo-terminal, speaking from the terminal's side. See __main__ for its commands."""
