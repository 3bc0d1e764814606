"""The benchmarks: figures, limits and how they are shown."""
