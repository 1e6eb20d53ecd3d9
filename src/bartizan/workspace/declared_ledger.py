"""The log that a project file declares."""

from bartizan.config import Config
from bartizan.workspace.ledger import LedgerSettings


def ledger_settings(config: Config | None) -> LedgerSettings:
    """What a project file says of its log; without one, what is used anyway."""
    if config is None:
        return LedgerSettings()
    name = "".join(c if c.isalnum() or c in "-._" else "-" for c in config.project.name)
    return LedgerSettings(origin=config.ledger.origin or f"local/{name}", key=config.ledger.key)
