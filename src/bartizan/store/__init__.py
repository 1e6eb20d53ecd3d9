"""What is kept between runs: records, result arrays, and which block made which."""

from bartizan.store.store import Store

__all__ = ["Store"]
