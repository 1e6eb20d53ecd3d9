"""The damage scale of attacks."""

from bartizan.core.attacker import Access
from bartizan.core.finding import Severity


def evasion_severity(success: float, access: Access) -> Severity:
    """The damage scale of attack success: the less an attacker must see, the worse.

    Args:
        success: Share of attacked rows that were broken, 0..1.
        access: What the attacker saw.
    """
    inside = access in ("gradients", "structure")
    if success > 0.8:
        return "critical" if access == "labels" else "high"
    if success > 0.5:
        return "medium" if inside else "high"
    return "low" if inside else "medium"
