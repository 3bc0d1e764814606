"""An ID TECH NEO 2 reader from its own side of the specification. Shares nothing with devices.terminals.neo2."""
