"""The hands: one folder per kind of device, each with its port, its drivers and its simulator."""
