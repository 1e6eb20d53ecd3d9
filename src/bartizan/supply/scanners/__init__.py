"""What each kind of file could do to whoever opens it: one family of formats a module."""
