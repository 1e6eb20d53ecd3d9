"""The ways in which a pickle ends before its STOP."""


class Broken(Exception):  # noqa: N818 - an ending that is recorded, not an error of ours
    """An instruction that no unpickler gets past. What ran before it has run."""


class TooMuch(Broken):
    """More than we hold. An unpickler might go on."""


class Exhausted(Exception):  # noqa: N818 - an ending that is recorded, not an error of ours
    """The content ends inside of an instruction, or before STOP."""

    def __init__(self, wanted: int) -> None:
        """Say what was missing.

        Args:
            wanted: Bytes that were asked for.
        """
        super().__init__(f"the content ends where {wanted:,} more bytes were expected")
        self.wanted = wanted
