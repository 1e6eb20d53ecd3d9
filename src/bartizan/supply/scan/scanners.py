"""The one list of scanners."""

from bartizan.supply.scan.scanner import Scanner

SCANNERS: tuple[Scanner, ...] = ()
"""Their order decides nothing: all plausible ones read, and the worst verdict wins."""
