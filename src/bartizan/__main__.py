"""`python -m bartizan`, where the command itself is not on the path."""

from bartizan.cli.start import run

if __name__ == "__main__":
    run()
