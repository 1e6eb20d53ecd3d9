"""What is known of packages: a copy of the OSV database, and whether it is about a version."""
