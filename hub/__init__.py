"""The back office: enrols kiosks, serves statements, takes sealed records exactly once, posts them, and shows it all to staff."""

VERSION = "0.1.0"
