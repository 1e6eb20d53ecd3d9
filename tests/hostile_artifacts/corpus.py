"""All hostile files: built when somebody asks for them, stored nowhere.

    from hostile_artifacts.case import write_all
    from hostile_artifacts.corpus import CASES

    paths = write_all(CASES, folder)

Nothing in them would do harm: commands are `true`, hosts do not exist, paths have no folder.
"""

from hostile_artifacts import (
    callers,
    containers,
    disguises,
    dispatch,
    gadgets,
    graphs,
    headers,
    keras_files,
    listed,
    named,
    proofs,
    reaching,
    reported,
    settings,
    streams,
    tensor_files,
)
from hostile_artifacts.case import Case

CASES: tuple[Case, ...] = (
    *containers.cases(),
    *headers.cases(),
    *disguises.cases(),
    *dispatch.cases(),
    *streams.cases(),
    *gadgets.cases(),
    *listed.cases(),
    *reported.cases(),
    *proofs.cases(),
    *callers.cases(),
    *keras_files.cases(),
    *named.cases(),
    *settings.cases(),
    *reaching.cases(),
    *graphs.cases(),
    *tensor_files.cases(),
)
"""In an order that does not change."""
