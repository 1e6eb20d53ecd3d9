"""Generators of the worked examples: data that ships as code, not as files."""
