"""Texts that change what happens if they become the name of an attribute."""

OWN = "__"
"""Around the names that Python itself looks for in objects."""
OBEYED = frozenset(
    (
        *("append", "extend", "add", "persistent_load", "find_class", "dispatch_table"),
        *("reducer_override", "free_network", "_parameters", "_buffers", "_modules"),
    )
)
"""What unpicklers look up on the object, what the destructor of LightGBM's Booster calls on it, and
where modules of PyTorch look for any attribute that they do not have: dicts, in honest files."""
READ_FIRST = frozenset(
    (
        *("_sklearn_version", "all_weights", "_all_weights", "_flat_weights_names"),
        *("num_layers", "bidirectional", "weight_names", "handle", "_handle", "_network"),
    )
)
"""What `__setstate__` of scikit-learn, of recurrent layers and of boosters compares, iterates or
calls methods of, destructors included: data, in honest files."""


_OF_LIBRARIES = frozenset(("__networkx_cache__",))
"""Names of the same form that are a library's own, and that Python does not look for."""


def is_own(key: str) -> bool:
    """Whether Python itself looks for an attribute of this name."""
    return key[:2] == OWN == key[-2:] and key not in _OF_LIBRARIES


def is_watched(text: str) -> bool:
    """Whether a text must not be forgotten."""
    return is_own(text) or text in OBEYED or text in READ_FIRST
