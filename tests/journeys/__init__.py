"""Whole visits: every process real, every device simulated below its driver."""
