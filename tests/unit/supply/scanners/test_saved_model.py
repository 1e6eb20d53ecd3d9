"""TensorFlow: operations that touch files, and what Keras says beside the graph."""

import json

import pytest

from bartizan.supply.scanners.saved_model import SCANNER
from model_files import pb, saved_model, tf_graph, tf_node, tf_text
from scanned import is_clean, scanned

HONEST = tf_graph(
    tf_text("prefix", "_temp/part"),
    tf_text("pattern", "^s3://.*"),
    tf_node("Placeholder", name="saver_filename"),
    tf_node("StaticRegexFullMatch", name="m", inputs=("saver_filename",), pattern="^s3://.*"),
    tf_node("SaveV2", name="s", inputs=("saver_filename", "prefix")),
    tf_node("RestoreV2", name="r", inputs=("saver_filename",)),
    tf_node("MergeV2Checkpoints", name="c", inputs=("prefix",)),
    tf_node("MatMul", name="x"),
    functions=(tf_node("Relu"), tf_node("StatefulPartitionedCall")),
)


def layer(config: object) -> bytes:
    """A description of one layer, as it lies in keras_metadata.pb."""
    text = config if isinstance(config, str) else json.dumps(config)
    return pb(1, pb(2, 0) + pb(3, "root") + pb(4, "_tf_keras_layer") + pb(5, text))


def test_an_honest_model_is_clean() -> None:
    raw = saved_model(HONEST, rest=pb(6, pb(2, "vocab.txt")))
    assert is_clean(scanned(SCANNER, raw, path="saved_model.pb"), raw)


def test_a_frozen_graph_is_clean() -> None:
    assert is_clean(scanned(SCANNER, HONEST, path="frozen.pb"), HONEST)


@pytest.mark.parametrize("operation", ["ReadFile", "WriteFile"])
@pytest.mark.parametrize("place", ["graph", "library", "frozen"])
def test_reading_and_writing_files_is_malicious(operation: str, place: str) -> None:
    node = tf_node(operation, name="evil")
    graph = tf_graph(tf_node("Relu"), functions=(node,)) if place == "library" else tf_graph(node)
    raw = graph if place == "frozen" else saved_model(graph)
    found = scanned(SCANNER, raw, path="anything")
    assert (found.verdict, found.rules) == ("malicious", {"tensorflow.operation"})


def test_the_order_of_fields_hides_nothing() -> None:
    library = tf_graph(functions=(tf_node("WriteFile"),))
    graph = library + tf_graph(tf_node("Relu"))
    assert scanned(SCANNER, graph).verdict == "malicious"
    assert scanned(SCANNER, library).verdict == "malicious"
    model = saved_model(tf_graph(tf_node("WriteFile")))
    assert scanned(SCANNER, pb(1, tf_node("Relu")) + model).verdict == "malicious"


@pytest.mark.parametrize("operation", ["PyFunc", "PyFuncStateless", "EagerPyFunc"])
def test_operations_that_call_the_process_are_malicious(operation: str) -> None:
    raw = saved_model(tf_graph(tf_node(operation)))
    assert scanned(SCANNER, raw).verdict == "malicious"


@pytest.mark.parametrize("operation", ["MatchingFiles", "SqlDataset"])
def test_operations_that_reach_out_are_suspicious(operation: str) -> None:
    raw = saved_model(tf_graph(tf_node(operation)))
    assert scanned(SCANNER, raw).verdict == "suspicious"


def test_a_fixed_place_outside_of_the_folder_is_malicious() -> None:
    save = tf_node("SaveV2", name="s", inputs=("to:0",))
    found = scanned(SCANNER, saved_model(tf_graph(tf_text("to", "/home/u/.bashrc"), save)))
    assert (found.verdict, found.rules) == ("malicious", {"tensorflow.path"})


def test_printing_into_a_file_is_malicious() -> None:
    node = tf_node("PrintV2", output_stream="file:///tmp/x")
    assert scanned(SCANNER, saved_model(tf_graph(node))).verdict == "malicious"
    usual = saved_model(tf_graph(tf_node("PrintV2", output_stream="stderr")))
    assert scanned(SCANNER, usual).verdict == "clean"


def test_an_asset_outside_of_the_folder_is_malicious() -> None:
    raw = saved_model(HONEST, rest=pb(6, pb(2, "../../etc/passwd")))
    assert scanned(SCANNER, raw).rules == {"tensorflow.path"}


def test_a_lambda_in_the_description_of_a_layer_is_malicious() -> None:
    """CVE-2024-3660."""
    raw = layer({"class_name": "Dense", "config": {}}) + layer(
        {"class_name": "Lambda", "config": {"function": ["4wEAAAA", None, None]}}
    )
    found = scanned(SCANNER, raw, path="keras_metadata.pb")
    assert (found.verdict, found.rules) == ("malicious", {"keras.lambda"})
    objects = pb(7, pb(1, pb(4, pb(1, "_tf_keras_layer") + pb(3, '{"class_name": "Lambda"}'))))
    assert scanned(SCANNER, saved_model(HONEST, rest=objects)).rules == {"keras.lambda"}


def test_honest_descriptions_are_clean_and_unreadable_ones_are_not() -> None:
    raw = layer({"class_name": "Dense", "config": {"activation": "relu"}})
    assert is_clean(scanned(SCANNER, raw, path="keras_metadata.pb"), raw)
    assert scanned(SCANNER, layer('{"a":')).verdict == "inconclusive"


@pytest.mark.parametrize(
    "text",
    [
        'saved_model_schema_version: 1 meta_graphs { graph_def { node { op: "WriteFile" } } }',
        "meta_graphs { graph_def { node { name: 'x'\nop: 'Write' 'File' } } }",
        'meta_graphs { graph_def { node { op: "Write\\x46ile" } } }',
        'meta_graphs { graph_def { node { op: "\\127riteFile" } } } # op: "Relu"',
    ],
)
def test_the_same_as_text_is_found(text: str) -> None:
    assert scanned(SCANNER, text.encode(), path="saved_model.pbtxt").verdict == "malicious"


def test_texts_that_only_speak_of_operations_are_clean() -> None:
    raw = b'# op: "WriteFile"\nmeta_graphs { meta_info_def { tags: "op: \\"WriteFile\\"" } }\n'
    assert is_clean(scanned(SCANNER, raw, path="saved_model.pbtxt"), raw)
    assert scanned(SCANNER, b'a: "no end', path="x.pbtxt").verdict == "inconclusive"
