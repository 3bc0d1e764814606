"""Our own gates: what `./lobbypay test` checks beside the tests themselves."""
