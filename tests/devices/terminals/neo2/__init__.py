"""Tests of the ID TECH NEO 2 driver."""
