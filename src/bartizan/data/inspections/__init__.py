"""The inspections of data, one module each, and what several of them share."""
