"""The error that ends a benchmark with one sentence."""


class BenchmarkError(Exception):
    """What went wrong, where, and a hint, for the user."""
