"""Where the worked example keeps what."""

WORKSPACE = ".bartizan"
HALVES = ("past", "future")
"""The stream in the order of time: models are trained on the first half."""
