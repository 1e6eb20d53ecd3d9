"""All hostile files: built when somebody asks for them, stored nowhere.

    from hostile_artifacts.case import write_all
    from hostile_artifacts.corpus import CASES

    paths = write_all(CASES, folder)

Nothing in them would do harm: commands are `true`, hosts do not exist, paths have no folder.
"""

from hostile_artifacts import (
    containers,
    dispatch,
    gadgets,
    graphs,
    keras_files,
    streams,
    tensor_files,
)
from hostile_artifacts.case import Case

CASES: tuple[Case, ...] = (
    *containers.cases(),
    *dispatch.cases(),
    *streams.cases(),
    *gadgets.cases(),
    *keras_files.cases(),
    *graphs.cases(),
    *tensor_files.cases(),
)
"""In an order that does not change."""
