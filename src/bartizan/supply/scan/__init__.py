"""What a file of a model could do to whoever opens it."""
