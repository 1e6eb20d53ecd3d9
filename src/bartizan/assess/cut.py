"""A planned item cut into blocks of rows, each with its own random stream and key."""

import dataclasses

import msgspec

from bartizan.assess.block import Block
from bartizan.assess.plan import Planned
from bartizan.assess.request import Request
from bartizan.assess.rows import goal_class
from bartizan.assess.validate import Checker, Validator
from bartizan.assess.validate_image import ImageValidator
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.constraint import Constraint
from bartizan.core.record import digest, encode
from bartizan.core.streams import rng


def cut(
    item: Planned,
    constraint: Constraint,
    *,
    request: Request,
    deadline: float | None,
    known: dict[bytes, Array],
) -> list[tuple[Ints, Block]]:
    """Cut one attack into blocks.

    The rows are shuffled first, so that the blocks that are done when a run is cut short are a
    fair sample of all of them.

    Args:
        item: What is planned.
        constraint: Its attacker in their space.
        request: The data, and how large a block is.
        deadline: On the wall clock, seconds since the epoch.
        known: Rows of blocks that were cut before, by their positions, and from now on of these:
            most attacks are on the same rows, which are then held once.

    Returns:
        For each block, the positions of its rows in the data, ascending, and the work.
    """
    entry, attacker = item.entry, constraint.attacker
    order = rng(request.seed, "assess", "blocks", len(item.rows)).permutation(item.rows)
    owned = [array_digest(values) for values in _owned(constraint)]
    found = []
    for number, start in enumerate(range(0, len(order), request.block_rows)):
        rows = order[start : start + request.block_rows]
        rows.sort()
        block = Block(
            key="",
            stream=("assess", entry.id, attacker.name, number),
            seed=request.seed,
            run=entry.run,
            params=entry.params,
            constraint=constraint,
            x=known.setdefault(rows.tobytes(), request.data.x[rows]),
            y=request.data.y[rows],
            target=goal_class(attacker, request.model),
            queries=item.queries,
            deadline=deadline,
        )
        key = _key(block, entry=entry.id, request=request, owned=owned)
        found.append((rows, dataclasses.replace(block, key=key)))
    return found


def validator(constraint: Constraint, request: Request) -> Checker:
    """Who checks the claims made for one attacker."""
    image = request.data.schema.image
    if image is not None:
        return ImageValidator(
            model=request.model, codec=request.codec, image=image, attacker=constraint.attacker
        )
    return Validator(
        model=request.model,
        codec=request.codec,
        schema=request.data.schema,
        attacker=constraint.attacker,
        scale=constraint.space.scale,
    )


def _key(block: Block, *, entry: str, request: Request, owned: list[str]) -> str:
    """Digest of everything that decides what a block finds.

    Args:
        block: The work.
        entry: Its id.
        request: The model and the data.
        owned: Digests of what `_owned` names; the same for all blocks, and dear for images.
    """
    facts = {
        "model": request.subject.digest,
        "binding": request.binding,
        "entry": entry,
        "params": repr(block.params),
        "attacker": msgspec.to_builtins(block.constraint.attacker),
        "schema": msgspec.to_builtins(request.data.schema),
        "images": repr(request.codec) if request.data.schema.image else "",
        "stream": list(block.stream),
        "seed": block.seed,
        "queries": block.queries,
        "versions": dict(request.versions),
        "arrays": [array_digest(block.x), array_digest(block.y), *owned],
    }
    return digest(encode(facts))


def _owned(constraint: Constraint) -> list[AnyArray]:
    """Arrays of the attacker that decide what is found."""
    told = [] if constraint.sample_y is None else [constraint.sample_y]
    return [constraint.space.scale, constraint.sample, *told]


def array_digest(values: AnyArray) -> str:
    """Digest of an array's shape and values."""
    return digest(str(values.shape).encode() + values.tobytes())
