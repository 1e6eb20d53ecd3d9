"""The evidence pack: one archive, signed, that shows what was found to somebody without network."""
