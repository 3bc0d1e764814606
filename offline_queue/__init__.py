"""The memory: write-ahead journal, sealed outbox, sync, and the wire format that the hub reads."""
