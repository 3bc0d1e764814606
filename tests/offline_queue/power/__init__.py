"""Proofs below SQLite: power cuts replayed from a log of system calls, and system calls that fail."""
