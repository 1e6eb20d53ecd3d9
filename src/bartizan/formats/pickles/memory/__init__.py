"""What an unpickler holds while it runs, with values of which only what matters is kept."""
