"""The project file: one TOML text, one frozen `Config`."""

from bartizan.config.json_schema import config_json_schema
from bartizan.config.project import Config
from bartizan.config.propose import assumed_eps, propose_attacker
from bartizan.config.read import FILE_NAME, find_config, read_config
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
    "config_json_schema",
    "find_config",
    "propose_attacker",
    "read_config",
    "write_template",
]
