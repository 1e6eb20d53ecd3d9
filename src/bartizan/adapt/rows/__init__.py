"""Single rows: as bytes that are the same for equal rows, and as a file spells them."""
