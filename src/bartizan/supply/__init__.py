"""Is the artefact in our hands the one that was approved?"""
