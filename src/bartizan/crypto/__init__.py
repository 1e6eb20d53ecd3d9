"""Keys, signatures and envelopes."""
