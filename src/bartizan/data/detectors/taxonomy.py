"""Names that catalogues of attacks give to what detectors of poison look for."""

from bartizan.core.finding import Taxonomy

WRONG_LABELS = Taxonomy(
    atlas=("AML.T0020",),
    owasp_ml=("ML02:2023",),
    nist_ai_100_2=("Availability poisoning", "Data poisoning"),
)
BACKDOOR = Taxonomy(
    atlas=("AML.T0020", "AML.T0018"),
    owasp_ml=("ML02:2023", "ML10:2023"),
    nist_ai_100_2=("Backdoor poisoning",),
)
"""A mark in the training data that calls an answer up."""
