"""What each instruction of a pickle does to the stack, the memo and the record."""
