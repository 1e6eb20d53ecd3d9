"""What makes models harder to harm, and what repairs them: arrays in, models out."""
