"""A ZVT terminal from its own side of the specification. Shares nothing with devices.terminals.zvt: two readings of one sheet."""
