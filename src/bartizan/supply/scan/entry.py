"""The scan of a file as an item of the catalogue."""

from bartizan.core.entry import Entry
from bartizan.core.finding import Taxonomy
from bartizan.supply.scan.confined import Confined
from bartizan.supply.scan.limits import Limits
from bartizan.supply.scan.planted import control

ENTRY = Entry(
    id="artifact.scan",
    kind="scan",
    title="What opening the file would do",
    run=Confined.read,
    params=Limits(),
    needs=(),
    control=control,
    threshold=("harmful-places", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0010.003", "AML.T0011.000", "AML.T0018.002"), owasp_ml=("ML06:2023",)
    ),
    references=(
        "https://arxiv.org/abs/2508.19774",
        "https://arxiv.org/abs/2508.15987",
        "https://atlas.mitre.org/techniques/AML.T0011.000",
    ),
    fix=(
        "Do not open the file. Ask whoever made the model for a format that holds no code: skops, "
        "ONNX, safetensors, XGBoost JSON, LightGBM text. If a class of your own is what is "
        "unknown, and you have read its code, name it under [supply] allow."
    ),
)
"""Source: MITRE ATLAS: AI supply chain compromise: model; unsafe AI artifacts; embed malware."""
