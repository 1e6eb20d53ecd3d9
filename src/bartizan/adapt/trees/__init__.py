"""The trees of models, read from their frameworks, one framework a module."""
