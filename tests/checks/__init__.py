"""Each gate of checks/ is shown to fail when it should."""
