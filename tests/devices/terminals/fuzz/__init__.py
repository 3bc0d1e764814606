"""Every parser of terminals' bytes under random and mutated input: nothing but its own errors, in bounded time and memory."""
