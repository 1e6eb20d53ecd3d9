"""What admission asks, as items of the catalogue."""

from bartizan.core.entry import Entry
from bartizan.core.finding import Taxonomy
from bartizan.supply.admission import evidence, evidence_control, form, signature
from bartizan.supply.admission.terms import Terms

_CHAIN = Taxonomy(atlas=("AML.T0010.003", "AML.T0018"), owasp_ml=("ML06:2023", "ML10:2023"))
"""Source: MITRE ATLAS: AI supply chain compromise: model; manipulate AI model."""

FORM = Entry(
    id="admission.format",
    kind="scan",
    title="Is it of a format that may be served?",
    run=form.judged,
    params=Terms(),
    needs=(),
    control=form.control,
    threshold=("files-of-other-formats", "<=", 0.0),
    taxonomy=_CHAIN,
    references=("https://arxiv.org/abs/2508.15987",),
    fix=(
        "Export the model to one of the formats that the policy allows: skops.io.dump, ONNX, "
        "XGBoost's save_model('model.json'), LightGBM's booster_.save_model('model.txt'). Or add "
        "the format to [supply.admit] formats, knowing what it can do."
    ),
)
SIGNATURE = Entry(
    id="admission.signature",
    kind="scan",
    title="Is it what somebody trusted has signed?",
    run=signature.judged,
    params=Terms(),
    needs=(),
    control=signature.control,
    threshold=("broken-signatures", "<=", 0.0),
    taxonomy=_CHAIN,
    references=("https://github.com/ossf/model-signing-spec",),
    fix=(
        "Get the artefact once more from where it was signed. If it was changed on purpose, have "
        "it assessed and signed anew: bartizan supply sign."
    ),
)
EVIDENCE = Entry(
    id="admission.evidence",
    kind="scan",
    title="Was this very artefact assessed as declared, recently, and did it pass?",
    run=evidence.judged,
    params=Terms(),
    needs=(),
    control=evidence_control.control,
    threshold=("failed-findings", "<=", 0.0),
    taxonomy=_CHAIN,
    references=(
        "https://owasp.org/www-project-artificial-intelligence-security-verification-standard-aisvs-docs/",
    ),
    fix=(
        "Assess the artefact as the project file declares, in the workspace that admits it: "
        "bartizan assess. What fails there is mended, or waived by somebody who answers for it, "
        "before it is served."
    ),
)
ENTRIES = (FORM, SIGNATURE, EVIDENCE)
