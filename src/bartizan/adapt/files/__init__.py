"""Files opened without running what is in them, unless somebody asked for that by name."""
