"""Card terminals."""
