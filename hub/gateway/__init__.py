"""Who asks the bank: the gateway behind the hub, its port and the one for tests and the demo."""
