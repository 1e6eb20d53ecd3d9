"""The project file: one TOML text, one frozen `Config`.

Every name is fetched when it is first used: whoever only looks for the file loads no reader of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.config.described import Described, read_described
    from bartizan.config.json_schema import config_json_schema
    from bartizan.config.place import FILE_NAME, called, find_config
    from bartizan.config.project import Config
    from bartizan.config.propose import assumed_eps, propose_attacker
    from bartizan.config.read import read_config
    from bartizan.config.records import (
        AttackerSpec,
        DataSpec,
        EndpointSpec,
        FeatureSpec,
        ModelSpec,
        Policy,
        Project,
        ReachSpec,
        RelationSpec,
        WaiverSpec,
    )
    from bartizan.config.supply import SupplySpec
    from bartizan.config.write import write_template

__all__ = [
    "FILE_NAME",
    "AttackerSpec",
    "Config",
    "DataSpec",
    "Described",
    "EndpointSpec",
    "FeatureSpec",
    "ModelSpec",
    "Policy",
    "Project",
    "ReachSpec",
    "RelationSpec",
    "SupplySpec",
    "WaiverSpec",
    "assumed_eps",
    "called",
    "config_json_schema",
    "find_config",
    "propose_attacker",
    "read_config",
    "read_described",
    "write_template",
]

_HOMES = {
    "FILE_NAME": "bartizan.config.place",
    "AttackerSpec": "bartizan.config.records",
    "Config": "bartizan.config.project",
    "DataSpec": "bartizan.config.records",
    "Described": "bartizan.config.described",
    "EndpointSpec": "bartizan.config.records",
    "FeatureSpec": "bartizan.config.records",
    "ModelSpec": "bartizan.config.records",
    "Policy": "bartizan.config.records",
    "Project": "bartizan.config.records",
    "ReachSpec": "bartizan.config.records",
    "RelationSpec": "bartizan.config.records",
    "SupplySpec": "bartizan.config.supply",
    "WaiverSpec": "bartizan.config.records",
    "assumed_eps": "bartizan.config.propose",
    "called": "bartizan.config.place",
    "config_json_schema": "bartizan.config.json_schema",
    "find_config": "bartizan.config.place",
    "propose_attacker": "bartizan.config.propose",
    "read_config": "bartizan.config.read",
    "read_described": "bartizan.config.described",
    "write_template": "bartizan.config.write",
}


def __getattr__(name: str) -> object:
    """Fetch a public name from its module."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
