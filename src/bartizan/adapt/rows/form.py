"""Kinds of files that rows are taken out of."""

from typing import Literal, TypeAlias

RowForm: TypeAlias = Literal["delimited", "ndjson", "parquet", "npz"]
"""`delimited`: CSV, TSV; `npz`: arrays of pictures and labels."""
