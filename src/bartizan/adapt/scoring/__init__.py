"""How a model is asked: in which container, by which method, and what its answer means."""
