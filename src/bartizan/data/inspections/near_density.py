"""Whether the honest rows of a table lie as near to each other as copies would."""

import numpy as np

from bartizan.data.inspection import Brief
from bartizan.data.inspections.near import different
from bartizan.data.inspections.near_planted import Planted
from bartizan.data.inspections.near_tables import NearTable

DENSE = (
    "Honest rows of this table lie as near to each other as copies would, so that copies cannot be "
    "told from them."
)
"""Why copies cannot be told, as the report says it."""


def dense(brief: Brief, case: Planted, *, rng: np.random.Generator) -> bool:
    """Whether rows with another one as near as a copy are as many as the planted copies, or more.

    Args:
        brief: Its schema says what numbers and categories are.
        case: Rows of a table with numbers, and copies after them.
        rng: Draws directions.

    Cost:
        A tree of 4,000 rows: 0.1 s.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 (slow to import)

    start, rows = case.bare.start, case.bare.rows
    look = NearTable(brief, opening=case.bare, most=1, rng=rng)
    look.see(case.batch)
    points, keys = look.points()
    copies = points[case.rows - start] - points[case.of - start]
    reach = 2 * float(np.median(np.linalg.norm(copies, axis=1)))
    honest = points[:rows][different(keys[:rows])]
    if len(honest) < 2:
        return False
    apart, _ = cKDTree(honest).query(honest, k=2)
    return int((apart[:, 1] <= reach).sum()) >= len(case.rows)
