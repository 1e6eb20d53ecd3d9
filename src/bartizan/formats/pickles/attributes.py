"""`getattr` in pickles: of a class and a text it is a name with one more part, and nothing else is.

Picklers write it for methods of classes that are written in C, such as ``str.lower`` or the one
that makes a time zone. The result of such a call is known, and is judged as the name that it is.
`getattr` itself is only ever called: whoever keeps it, or hands it on, could call anything.
"""

from bartizan.formats.pickles.trace import Name

GETATTR = Name("builtins", "getattr")
KEPT = "getattr is kept or handed on, and not called"
"""What no pickler writes."""


def attribute(arguments: tuple[object, ...]) -> Name | None:
    """What a call of `getattr` returns, if that is sure.

    Args:
        arguments: Of the call.

    Returns:
        A name; none = it is not two, or not a name and a text.

    Example:
        >>> str(attribute((Name("builtins", "str"), "lower")))
        'builtins.str.lower'
        >>> attribute((Name("builtins", "str"), "lower", None)) is None
        True
    """
    match arguments:
        case (Name(module=module, name=name), str(last)) if last.isidentifier():
            return Name(module, f"{name}.{last}")
    return None
