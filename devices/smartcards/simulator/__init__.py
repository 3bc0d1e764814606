"""Virtual cards, below the driver."""
