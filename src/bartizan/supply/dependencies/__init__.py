"""What a project depends on, looked up in a copy of the OSV database that lies on this machine."""
