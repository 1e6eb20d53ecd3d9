"""Reads a LightGBM text file strictly, before (and instead of) the library's lenient parser.

The library believes the sizes in such a file and walks the trees without looking: a child
outside the tree, a circle, or a feature or category list that does not exist reads foreign
memory or never ends. Everything a prediction follows is checked here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from bartizan.core.errors import ForgedError, InputError

_TREE = re.compile(r"^Tree=(\d+)\n", re.MULTILINE)
_END = "end of trees\n"
_CATEGORIES = "\npandas_categorical:"
"""The line in which the Python package keeps the categories of frames; always the last."""
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?(inf|[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?)")
_LISTS = (
    "split_feature",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
    "cat_boundaries",
    "cat_threshold",
)
_LINEAR = ("leaf_const", "num_features", "leaf_features", "leaf_coeff")
"""What an answer depends on."""
_WORD = 2**32
"""Category lists are bits in words of 32."""


@dataclass(frozen=True, kw_only=True)
class TextTree:
    """One tree. Node 0 is the root, children < 0 are leaves: -1 is leaf 0, -2 leaf 1 ..."""

    feature: list[int]
    threshold: list[float]
    """For a test of categories, which of the category lists."""
    decision: list[int]
    left: list[int]
    right: list[int]
    value: list[float]
    """Of the leaves, one more than nodes."""
    bounds: list[int]
    """Where each category list begins in `words`, and where the last one ends."""
    words: list[int]
    linear: bool
    """Whether leaves hold linear models."""


@dataclass(frozen=True, kw_only=True)
class TextModel:
    """The whole file."""

    objective: tuple[str, ...]
    """`binary`, `sigmoid:1`; empty for one of the user's own."""
    outputs: int
    """Trees of one round; each adds to its own score."""
    width: int
    infos: list[str]
    """Of each column: `[min:max]`, categories `1:0:5`, or `none` where it is constant."""
    average: bool
    """Whether scores are means over the rounds (random forests)."""
    trees: list[TextTree]


def checked_lightgbm(raw: bytes) -> bytes:
    """Require that a text file can be walked safely.

    Returns:
        The file written anew, of what was checked and nothing else: the library ends the process
        at lists of a wrong length even where they say nothing about answers, and the parameters
        a model was trained with may name files and devices.

    Raises:
        InputError: it cannot; the message names the tree.
    """
    model = parse_lightgbm(raw)
    text = raw.decode()
    end = text.index(f"\n{_END}") + 1
    starts = [match.start() for match in _TREE.finditer(text) if match.start() < end]
    head = _pairs(text[: starts[0]], first="tree")
    blocks = [
        _written(_pairs(text[a:b]), tree=tree)
        for (a, b), tree in zip(pairwise([*starts, end]), model.trees, strict=True)
    ]
    sizes = " ".join(str(len(block)) for block in blocks)
    lines = [
        *("tree", "version=v4", f"num_class={model.outputs}"),
        f"num_tree_per_iteration={model.outputs}",
        *("label_index=0", f"max_feature_idx={model.width - 1}"),
        *([f"objective={' '.join(model.objective)}"] if model.objective else []),
        *(["average_output"] if model.average else []),
        f"feature_names={head['feature_names']}",
        f"feature_infos={head['feature_infos']}",
        *(f"tree_sizes={sizes}", "", ""),
    ]
    tail = text.rfind(_CATEGORIES, end)
    rest = text[tail:] if tail >= 0 else ""
    return ("\n".join(lines) + "".join(blocks) + _END + rest).encode()


def _written(block: dict[str, str], *, tree: TextTree) -> str:
    """One tree as it was checked, in the spelling of the file."""
    kept = [*_LISTS, *(_LINEAR if tree.linear else ())]
    lines = [f"Tree={block['Tree']}", f"num_leaves={len(tree.value)}"]
    lines += [f"num_cat={len(tree.bounds) - 1}"]
    lines += [f"{name}={' '.join(block[name].split())}" for name in kept if name in block]
    return "\n".join([*lines, f"is_linear={int(tree.linear)}", "shrinkage=1", "", "", ""])


def parse_lightgbm(raw: bytes) -> TextModel:
    """Read a text file.

    Raises:
        InputError: it is damaged or forged; the message names the tree.
    """
    try:
        return _model(raw.decode())
    except (ValueError, LookupError) as error:
        message = f"not a LightGBM model: {type(error).__name__} {str(error)[:120]}"
        raise InputError(message) from error


def _require(holds: object, *, what: str) -> None:
    if not holds:
        message = f"expected a LightGBM model, but {what}; the file is damaged or forged"
        raise ForgedError(message)


def _model(text: str) -> TextModel:
    """Sizes first, then what depends on them."""
    found = list(_TREE.finditer(text))
    _require(found and f"\n{_END}" in text, what="it has no trees, or is cut off")
    head, end = _pairs(text[: found[0].start()], first="tree"), text.index(f"\n{_END}") + 1
    starts = [match.start() for match in found if match.start() < end]
    bounds = [len(text[:start].encode()) for start in starts] if not text.isascii() else starts
    last = end if text.isascii() else len(text[:end].encode())
    sizes = [b - a for a, b in pairwise([*bounds, last])]
    _require(_wholes(head["tree_sizes"]) == sizes, what="the sizes of its trees are not theirs")
    width, outputs = _whole(head["max_feature_idx"]) + 1, _whole(head["num_tree_per_iteration"])
    infos = head["feature_infos"].split(" ")
    _require(
        width == len(infos) == len(head["feature_names"].split(" ")), what="columns are missing"
    )
    _require(_whole(head["num_class"]) == outputs, what="its classes are not as many as its scores")
    _require(0 < outputs <= len(starts), what="its scores are more than its trees")
    _require(not len(starts) % outputs, what="its last round is not complete")
    numbers = [int(match.group(1)) for match in found if match.start() < end]
    _require(numbers == list(range(len(starts))), what="its trees are not in order")
    return TextModel(
        objective=_objective(head.get("objective", ""), outputs=outputs),
        outputs=outputs,
        width=width,
        infos=infos,
        average="average_output" in head,
        trees=[
            _tree(_pairs(text[a:b]), number=number, width=width)
            for number, (a, b) in enumerate(pairwise([*starts, end]))
        ],
    )


def _objective(text: str, *, outputs: int) -> tuple[str, ...]:
    """What the scores are; the number of classes that it names must be that of the scores."""
    parts = tuple(text.split())
    named = [part.partition(":")[2] for part in parts if part.startswith("num_class:")]
    _require(all(int(count) == outputs for count in named), what="its objective has other classes")
    return parts


def _pairs(text: str, *, first: str = "") -> dict[str, str]:
    """Lines of `key=value`, or of a word alone; none twice."""
    lines = [line for line in text.split("\n") if line]
    if first:
        _require(lines[0] == first, what=f"it does not begin with {first!r}")
        lines = lines[1:]
    found = dict(line.partition("=")[::2] for line in lines)
    _require(len(found) == len(lines), what="a line occurs twice")
    return found


def _whole(text: str) -> int:
    (value,) = _wholes(text)
    return value


def _wholes(text: str) -> list[int]:
    parts = text.split()
    if not all(map(_WHOLE.fullmatch, parts)):
        message = f"expected whole numbers, got {text[:40]!r}"
        raise ValueError(message)
    return [int(part) for part in parts]


def _numbers(text: str) -> list[float]:
    parts = text.split()
    if not all(map(_NUMBER.fullmatch, parts)):
        message = f"expected numbers, got {text[:40]!r}"
        raise ValueError(message)
    return [float(part) for part in parts]


def _tree(block: dict[str, str], *, number: int, width: int) -> TextTree:
    made = TextTree(
        feature=_wholes(block["split_feature"]),
        threshold=_numbers(block["threshold"]),
        decision=_wholes(block["decision_type"]),
        left=_wholes(block["left_child"]),
        right=_wholes(block["right_child"]),
        value=_numbers(block["leaf_value"]),
        bounds=_wholes(block.get("cat_boundaries", "0")),
        words=_wholes(block.get("cat_threshold", "")),
        linear=block.get("is_linear", "0") != "0",
    )
    for fault, holds in _faults(made, block, width=width):
        _require(holds, what=f"tree {number} {fault}")
    return made


def _faults(tree: TextTree, block: dict[str, str], *, width: int) -> Iterator[tuple[str, bool]]:
    """What must hold of a tree; each is looked at only if all before it do."""
    leaves = _whole(block["num_leaves"])
    sides = (tree.feature, tree.threshold, tree.decision, tree.left, tree.right)
    yield "has no leaves", leaves == len(tree.value) >= 1
    yield "has not one leaf more than tests", all(len(part) == leaves - 1 for part in sides)
    children = sorted((*tree.left, *tree.right))
    expected = [*range(-leaves, 0), *range(1, leaves - 1)] if leaves > 1 else []
    yield "has a node with two parents, or none", children == expected
    below = all(
        child < 0 or child > node
        for side in (tree.left, tree.right)
        for node, child in enumerate(side)
    )
    yield "has a child above its parent", below
    yield "asks for a feature that is not there", all(0 <= f < width for f in tree.feature)
    yield "has leaves that are not finite", all(map(isfinite, tree.value))
    yield "has tests of an unknown kind", all(0 <= kind < 12 for kind in tree.decision)
    yield "has damaged categories", _sound_categories(tree, count=_whole(block["num_cat"]))
    if tree.linear:
        yield "has damaged linear leaves", _sound_lines(block, leaves=leaves, width=width)


def _sound_categories(tree: TextTree, *, count: int) -> bool:
    """Whether every test of categories has a list, and every list lies inside the words."""
    rising = all(a < b for a, b in pairwise(tree.bounds))
    chosen = [t for t, kind in zip(tree.threshold, tree.decision, strict=True) if kind & 1]
    return (
        tree.bounds[:1] == [0]
        and rising
        and len(tree.bounds) == count + 1
        and tree.bounds[-1] == len(tree.words)
        and all(0 <= word < _WORD for word in tree.words)
        and all(isfinite(t) and t == int(t) and 0 <= t < count for t in chosen)
    )


def _sound_lines(block: dict[str, str], *, leaves: int, width: int) -> bool:
    """Whether linear leaves have a constant each and as many slopes as columns that exist."""
    counts, columns = _wholes(block["num_features"]), _wholes(block["leaf_features"])
    constants, slopes = _numbers(block["leaf_const"]), _numbers(block["leaf_coeff"])
    return (
        len(counts) == len(constants) == leaves
        and all(count >= 0 for count in counts)
        and sum(counts) == len(columns) == len(slopes)
        and all(0 <= column < width for column in columns)
    )


def categories_of(tree: TextTree, node: int) -> list[int]:
    """Codes that the test of categories at a node sends left."""
    which = int(tree.threshold[node])
    words = tree.words[tree.bounds[which] : tree.bounds[which + 1]]
    return [
        32 * place + bit for place, word in enumerate(words) for bit in range(32) if word >> bit & 1
    ]
