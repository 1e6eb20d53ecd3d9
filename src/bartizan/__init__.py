"""Security for predictive machine learning."""

__version__ = "0.1.0"
