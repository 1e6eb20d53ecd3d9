"""What each data set was, row by row, at each of its versions."""
