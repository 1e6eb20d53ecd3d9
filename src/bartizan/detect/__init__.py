"""What is odd about data, in numbers: drift, false discoveries, likeness."""
