"""Who made this model, and is it what they made?"""
