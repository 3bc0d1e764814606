"""The demo: everything for real on one machine, with simulated devices and a patient who plays by himself."""
