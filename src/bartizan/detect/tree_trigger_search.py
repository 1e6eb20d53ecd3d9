"""Marks on tables that trees can be made to follow: only the thresholds they test matter."""

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.dataset import Dataset
from bartizan.core.trees import Trees
from bartizan.detect.cell_choices import threshold_choices


def tree_choices(trees: Trees, data: Dataset, *, values: int) -> tuple[Array, ...]:
    """One value for each interval between thresholds of a column.

    Two values between the same thresholds reach the same leaves, so trying one of each is trying
    all, as long as a column has fewer thresholds than `values`.

    Args:
        trees: The model.
        data: A table of its columns.
        values: For a column, at most.

    Returns:
        An array for each column, empty where no tree looks.
    """
    return threshold_choices(thresholds(trees, data.x.shape[1]), data, values=values)


def thresholds(trees: Trees, width: int) -> tuple[Array, ...]:
    """What the trees compare each column with, ascending, without doubles."""
    numeric = (trees.feature >= 0) & (trees.members < 0) & np.isfinite(trees.threshold)
    column, value = trees.feature[numeric], trees.threshold[numeric]
    return tuple(np.unique(value[column == place]) for place in range(width))
