"""Says which arrays of an archive are the images and which are their labels."""

import re
from collections.abc import Mapping

from bartizan.adapt.names import listed, nearest
from bartizan.core.errors import SchemaError

_IMAGES = frozenset(("x", "image", "images", "data", "inputs"))
_LABELS = frozenset(("y", "label", "labels", "target", "targets"))
_WORD = re.compile(r"[^_\W]+")

Shapes = Mapping[str, tuple[int, ...]]


def paired(shapes: Shapes, *, target: str | None, where: str) -> tuple[str, str]:
    """Find images and labels among named arrays.

    The rule: names are read as words; one word says what the array is (x, images, data; y,
    labels, target), the others which split it belongs to. Images and labels belong together
    where the others are the same: `y_test` to `x_test`, `val_labels` to `val_images`.

    Args:
        shapes: Shape of each array, by name.
        target: Name of the labels; none = there is one pair only.
        where: What messages call the archive.

    Returns:
        Names of the images and of the labels.

    Raises:
        SchemaError: there is no such array, or more than one choice; the message lists them.

    Example:
        >>> shapes = {"x_train": (9, 8, 8), "y_train": (9,), "x_test": (2, 8, 8), "y_test": (2,)}
        >>> paired(shapes, target="y_test", where="digits.npz")
        ('x_test', 'y_test')
    """
    if target is None:
        return _only_pair(shapes, where=where)
    if target not in shapes:
        message = f"{where}: there is no array {target!r} of labels{nearest(target, shapes)}"
        raise SchemaError(message)
    split = _split(target, _LABELS)
    found = [name for name in shapes if _split(name, _IMAGES) == split and name != target]
    if split is None or not found:
        found = [name for name in shapes if len(shapes[name]) in (3, 4) and name != target]
    if len(found) != 1:
        told = f"{len(found)} arrays" if found else "no array"
        message = (
            f"{where}: {told} could be the images of the labels {target!r} ({_spelled(shapes)}); "
            "call them x and y, or x_test and y_test"
        )
        raise SchemaError(message)
    return found[0], target


def beside(shapes: Shapes, *, labels: str) -> tuple[str, ...]:
    """Arrays that tell something of each image, such as who took it.

    Args:
        shapes: Shape of each array, by name.
        labels: Name of the labels.

    Returns:
        Names of arrays with one entry for each label, in their order, but for images and labels
        themselves and what is named after another set of them.

    Example:
        >>> sizes = {"x_train": 9, "y_train": 9, "x_test": 9, "y_test": 9, "track": 9, "of_test": 9}
        >>> beside({name: (n,) for name, n in sizes.items()}, labels="y_train")
        ('track',)
    """
    own = _split(labels, _LABELS)
    roles = _IMAGES | _LABELS
    others = {split for name in shapes if (split := _split(name, roles)) and split != own}
    return tuple(
        name
        for name, shape in shapes.items()
        if shape[:1] == shapes[labels][:1]
        and _split(name, roles) is None
        and not any(set(split) <= set(_WORD.findall(name.lower())) for split in others)
    )


def _only_pair(shapes: Shapes, *, where: str) -> tuple[str, str]:
    images = {split: name for name in shapes if (split := _split(name, _IMAGES)) is not None}
    labels = {split: name for name in shapes if (split := _split(name, _LABELS)) is not None}
    both = [split for split in images if split in labels]
    if len(both) == 1:
        return images[both[0]], labels[both[0]]
    if both:
        choice = listed([labels[split] for split in both])
        message = f"{where} holds several sets; choose one by its labels, target=...: {choice}"
        raise SchemaError(message)
    message = (
        f"{where}: no two arrays are called images and labels, such as x and y "
        f"({_spelled(shapes)}); name the labels with target=..."
    )
    raise SchemaError(message)


def _split(name: str, roles: frozenset[str]) -> tuple[str, ...] | None:
    """The words of a name without the one that says its role; none where no word does."""
    words = _WORD.findall(name.lower())
    roled = [word for word in words if word in roles]
    return tuple(word for word in words if word not in roles) if roled else None


def _spelled(shapes: Shapes) -> str:
    return "it holds " + listed([f"{name} {shape}" for name, shape in shapes.items()])
