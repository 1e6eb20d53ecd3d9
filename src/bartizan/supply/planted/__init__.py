"""Files that the scanners must judge right before any verdict of theirs counts."""
