"""Scanners: cameras and what reads codes in their frames."""
