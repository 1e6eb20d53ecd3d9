"""Gradients of models, one kind of model a module."""
