"""What could go wrong with this system?"""
