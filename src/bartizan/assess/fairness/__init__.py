"""Bias audit: do groups of people get the same answers, and are they wrong equally often?"""
