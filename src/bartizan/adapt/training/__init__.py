"""Models trained anew, by a recipe of the user or by learners of our own."""
