"""Is the data sound, and is it the data we think it is?"""
