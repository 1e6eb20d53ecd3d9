"""Models behind an address: the question, the line, the answer and their limits."""
