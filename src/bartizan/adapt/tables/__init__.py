"""Tables: how they are read, what their columns hold, and rows as numbers."""
