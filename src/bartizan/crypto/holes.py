"""Files that claim far more bytes than they occupy: to hash or seal their holes takes hours."""

import os

_LARGE_BYTES = 1 << 30
"""What is smaller is read within seconds, holes or not."""
_RATIO = 1000
"""No file of a model or a data set is so much larger than what it occupies, compressed file systems
included."""
_BLOCK_BYTES = 512
"""What the system counts occupied space in, whatever the file system's blocks are."""


def holes(said: os.stat_result) -> str:
    """Why a file is not worth reading; empty = it is.

    Args:
        said: What the system says of it.
    """
    occupied = said.st_blocks * _BLOCK_BYTES
    if said.st_size <= _LARGE_BYTES or said.st_size <= _RATIO * occupied:
        return ""
    return f"it claims {said.st_size:,} bytes and occupies {occupied:,}: it consists of holes"
