"""What a scan of files asks, as items of the catalogue."""

from bartizan.core.entry import Entry
from bartizan.supply.dependencies.entry import ENTRY as DEPENDENCIES
from bartizan.supply.scan.entry import ENTRY as SCAN

SCANNED: tuple[Entry, ...] = (SCAN, DEPENDENCIES)
"""Reports of scans name the digest of these, not of everything that Bartizan could run: nothing
else has a part in them, and to list it would load every stage."""
