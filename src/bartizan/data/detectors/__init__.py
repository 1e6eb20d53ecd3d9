"""Detectors of poison in labelled rows: one question a module."""
