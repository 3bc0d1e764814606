"""Tests of the simulated days, and the mutations that they must notice."""
