"""OpenSSF Model Signing: what a model is, as one digest, and who says so."""
