"""Simulated days: the shipped journal, sync, client and hub intake in one process, with every fault that a seed can name."""
