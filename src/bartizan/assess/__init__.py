"""The stage that attacks a model and judges it."""
