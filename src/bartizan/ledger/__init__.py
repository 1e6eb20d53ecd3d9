"""The transparency log: what was written once can be proven, and cannot be altered unnoticed."""
