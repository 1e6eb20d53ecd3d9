"""Files that hold other files, read by what they contain and not by what they promise."""
