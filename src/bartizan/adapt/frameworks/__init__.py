"""Models of the frameworks, one framework a module."""
