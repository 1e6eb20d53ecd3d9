"""Readers of untrusted bytes. Standard library only: nothing here runs what it reads."""
