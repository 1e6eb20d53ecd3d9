"""Stages in a row: the worked example from data to report."""
