"""Named random streams: one seed, independent numbers for every use."""

import hashlib

import numpy as np

from bartizan.core.errors import UsageError


def rng(seed: int, *names: str | int) -> np.random.Generator:
    """Derive the random stream for one named use of a seed.

    Streams of different names are independent, so adding an entry or a block does not
    change the numbers another one draws.

    Args:
        seed: The run's seed, >= 0.
        names: What the stream is for, from general to particular.

    Returns:
        A generator that depends on nothing but the arguments.

    Raises:
        UsageError: the seed is negative.

    Example:
        >>> int(rng(7, "assess", 0).integers(1000)) == int(rng(7, "assess", 0).integers(1000))
        True
    """
    if seed < 0:
        message = f"a seed is a whole number >= 0, got {seed}"
        raise UsageError(message)
    text = "\x1f".join(str(name) for name in names)
    words = np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype=np.uint32)
    return np.random.default_rng([seed, *words.tolist()])
