"""The sale, checked exhaustively: the shipped engine and driver, with every fault at every step, up to so many in one path."""
