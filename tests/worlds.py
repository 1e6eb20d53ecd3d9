"""Small worlds that attacks are tried in: spaces, rows and attackers of every kind."""

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.attacker import Access, Attacker, NormName, Reach
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.space import Box, Mixed, Space
from bartizan.core.streams import rng
from forests import Forest, forest
from models import Additive

KINDS = ("L1", "L2", "Linf", "money")
"""What a budget can be measured in."""
_ROWS = 80


@dataclass(frozen=True)
class World:
    """One kind of table. The first column names the row, and no attacker can move it."""

    schema: Schema
    space: Space
    x: Array
    reach: dict[str, Reach]

    def model(self, k: int = 2) -> Additive:
        """A model of k classes that occur about equally often, and that every column matters to."""
        draw = rng(0, "model", *self.schema.names)
        scale = self.space.scale
        slope = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
        weights = slope[:, None] * draw.normal(size=(len(scale), 3))
        weights[0] = 0.0  # the row's name says nothing
        tables = {}
        for switch in self.space.switches:
            table = 0.7 * draw.normal(size=(len(switch.options), 3))
            if len(switch.columns) == 1:
                tables[int(switch.columns[0])] = table[:, :k]
            else:
                weights[switch.columns] = table
        made = Additive(weights=weights[:, :k], offset=np.zeros(k), tables=tables)
        return replace(made, offset=-np.median(made.scores(self.x), axis=0))

    def shown(self, access: Access, k: int = 2) -> Classifier:
        """A model that has so much to show: trees to those who see structure."""
        if access != "structure":
            return self.model(k)
        return self.forest(k)

    def forest(self, k: int = 2) -> Forest:
        """Trees over all columns but the row's name."""
        features = self.schema.features
        codes = {j: len(f.categories) for j, f in enumerate(features) if f.type == "categorical"}
        draw = rng(0, "forest", *self.schema.names)
        columns = np.arange(1, self.x.shape[1])
        return Forest(forest(self.x, draw, trees=12, depth=3, k=k, codes=codes, columns=columns))

    def attacker(
        self, kind: str, *, access: Access = "labels", goal: str = "any", budget: float = 0.4
    ) -> Attacker:
        """Somebody whose budget, in a norm or in money, gets them somewhere."""
        if kind != "money":
            norm = cast("NormName", kind)
            return Attacker(
                name=kind, access=access, goal=goal, norm=norm, eps=budget,
                categories=2, features=self.reach,
            )  # fmt: skip
        costs = dict.fromkeys((switch.name for switch in self.space.switches), 0.1)
        for position in self.space.numeric:
            costs[self.space.names[position]] = 1 / (self.space.scale[position] or 1.0)
        features = dict(self.reach)
        for name, cost in costs.items():
            reach = self.reach.get(name, Reach())
            features[name] = Reach(direction=reach.direction, cost=cost) if reach.mutable else reach
        return Attacker(name=kind, access=access, goal=goal, money=budget, features=features)

    def constraint(self, attacker: Attacker) -> Constraint:
        """The attacker in this space; they own the second half of the rows."""
        return Constraint(self.space, attacker, self.x[_ROWS // 2 :])

    def rows(self, model: Classifier, n: int) -> tuple[Array, Ints]:
        """The first n rows, and the model's own answers as their true classes."""
        x = self.x[:n].copy()
        return x, decisions(model.scores(x))

    def data(self, model: Classifier) -> Dataset:
        """All rows as a data set."""
        y = decisions(model.scores(self.x))
        return Dataset(
            name="world", x=self.x, y=y, classes=model.classes, ids=np.arange(_ROWS),
            schema=self.schema, digest="sha256:0",
        )  # fmt: skip


def _rows(*columns: AnyArray) -> Array:
    return np.column_stack([np.arange(_ROWS), *columns]).astype(float)


def _line() -> World:
    x = _rows(rng(1, "line").normal(size=(_ROWS, 5)))
    names = [Feature(name=f"x{j}") for j in range(6)]
    return World(Schema(features=tuple(names)), Box.uniform(6), x, {"x0": Reach(mutable=False)})


def _bounded() -> World:
    draw = rng(1, "bounded")
    x = _rows(draw.uniform(0, 1, (_ROWS, 3)), draw.exponential(1000, (_ROWS, 2)))
    x[3, 1], x[4, 4], x[5, 2] = 1.2, -50.0, 0.0  # outside the bounds, and on one
    features = (
        Feature(name="row", identifier=True),
        *(Feature(name=f"share{j}", min=0, max=1) for j in range(3)),
        Feature(name="paid", min=0),
        Feature(name="owed", min=0, max=1500),
    )
    reach = {"share1": Reach(mutable=False), "paid": Reach(direction="up")}
    schema = Schema(features=features)
    return World(schema, Mixed.of(schema, x), x, reach)


def _mixed() -> World:
    draw = rng(1, "mixed")
    amount, fee = draw.gamma(2, 50, _ROWS), draw.gamma(1, 5, _ROWS)
    age = np.where(draw.random(_ROWS) < 0.2, np.nan, draw.normal(40, 10, _ROWS))
    shop = np.where(draw.random(_ROWS) < 0.1, np.nan, draw.integers(0, 5, _ROWS))
    colour = np.eye(3)[draw.integers(0, 3, _ROWS)]
    colour[7] = np.nan
    whole = draw.integers(0, [20, 4, 2], (_ROWS, 3))
    x = _rows(amount, fee, amount + fee, age, whole, shop, colour)
    x[2, 3] += 40.0  # breaks the relation from the start
    features = (
        Feature(name="row", identifier=True),
        Feature(name="amount", min=0),
        Feature(name="fee", min=0),
        Feature(name="total", min=0),
        Feature(name="age", missing=True, min=0, max=100),
        Feature(name="count", type="integer", min=0, max=20),
        Feature(name="grade", type="ordered", categories=("low", "mid", "high", "top")),
        Feature(name="proved", type="integer", min=0, max=1),
        Feature(name="shop", type="categorical", categories=tuple("abcde"), missing=True),
        *(Feature(name=name, group="colour") for name in ("red", "green", "blue")),
    )
    # Nobody can mend the second rule by setting one column: what breaks it is not valid.
    rules = ("total = amount + fee", "3 * fee <= total - amount + 15")
    reach = {"proved": Reach(mutable=False), "count": Reach(direction="down")}
    schema = Schema(features=features, relations=rules)
    return World(schema, Mixed.of(schema, x), x, reach)


def _choices() -> World:
    codes = rng(1, "choices").integers(0, 4, (_ROWS, 4))
    kind: dict[str, Any] = {"type": "categorical", "categories": tuple("wxyz")}
    columns = [Feature(name=f"c{j}", **kind) for j in range(4)]
    schema = Schema(features=(Feature(name="row", identifier=True), *columns))
    x = _rows(codes)
    return World(schema, Mixed.of(schema, x), x, {"c3": Reach(mutable=False)})


def _image() -> World:
    """Images of 5 x 4 pixels in two channels; the first value names the row."""
    image = Image(height=5, width=4, channels=2)
    x = _rows(rng(1, "image").integers(0, 256, (_ROWS, image.size - 1)))
    return World(Schema(image=image), Box.of(image), x, {"x0": Reach(mutable=False)})


WORLDS = {
    "line": _line(),
    "bounded": _bounded(),
    "mixed": _mixed(),
    "choices": _choices(),
    "image": _image(),
}

SHOP = Schema(
    features=(
        Feature(name="amount", min=0, max=100),
        Feature(name="count", type="integer", min=0),
        Feature(name="shop", type="categorical", categories=("a", "b", "c")),
        Feature(name="red", group="colour"),
        Feature(name="blue", group="colour"),
    )
)
"""One column of every kind, for what can be followed by hand."""
SHOP_ROWS = np.array([[0.0, 0, 0, 1, 0], [100, 10, 1, 0, 1], [50, 5, 2, 1, 0]])
