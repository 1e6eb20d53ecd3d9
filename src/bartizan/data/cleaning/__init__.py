"""Takes rows out of a copy of the data, with a way back, and measures what that gained."""
