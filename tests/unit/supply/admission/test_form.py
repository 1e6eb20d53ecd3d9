"""Only formats that the policy allows are served."""

from bartizan.supply.admission import form
from bartizan.supply.admission.terms import Terms

TERMS = Terms(formats=("onnx", "safetensors"))


def test_models_of_allowed_formats_with_texts_beside_them_pass() -> None:
    found = form.judged({"a/model.onnx": "onnx", "README.md": "data"}, terms=TERMS)
    assert found.outcome == "pass"


def test_one_file_of_another_format_is_enough_to_be_refused() -> None:
    found = form.judged({"a.onnx": "onnx", "b.onnx": "pickle"}, terms=TERMS)
    assert found.outcome == "fail"
    assert "b.onnx is pickle" in found.reason


def test_texts_alone_are_no_model() -> None:
    assert form.judged({"README.md": "data"}, terms=TERMS).outcome == "inconclusive"


def test_a_file_of_no_known_format_is_refused() -> None:
    assert form.judged({"a": "onnx", "b": "unknown"}, terms=TERMS).outcome == "fail"


def test_the_control_tells_a_pickle_from_a_model() -> None:
    assert form.control().passed
