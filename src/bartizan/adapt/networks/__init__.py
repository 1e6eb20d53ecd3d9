"""Networks: their weights, what their hidden layers hold, and networks repaired."""
