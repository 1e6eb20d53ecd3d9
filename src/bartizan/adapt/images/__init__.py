"""Images: how they are read, what is wrong with their files, and images as rows."""
