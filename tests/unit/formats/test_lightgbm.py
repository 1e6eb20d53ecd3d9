import pytest

from bartizan.core.errors import InputError
from bartizan.formats.lightgbm import categories_of, checked_lightgbm, parse_lightgbm
from bartizan.formats.sniff import sniff

TREE = """Tree=0
num_leaves=3
num_cat=1
split_feature=1 0
split_gain=2 1
threshold=0.5 0
decision_type=2 1
left_child=1 -1
right_child=-2 -3
leaf_value=0.1 -0.2 1e-3
leaf_weight=1 1 1
leaf_count=1 1 1
internal_value=0 0
internal_weight=2 2
internal_count=3 2
cat_boundaries=0 2
cat_threshold=18 1
is_linear=0
shrinkage=1


"""
HEAD = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=a b
feature_infos=0:1:4 [-1:2]
tree_sizes={size}

"""
REST = "end of trees\n\nfeature_importances:\na=1\n\nparameters:\n[data: /etc/passwd]\nend\n"


def build(old: str = "", new: str = "") -> bytes:
    """A sound file, with one change that keeps its sizes right."""
    tree = TREE.replace(old, new, 1) if old else TREE
    head = HEAD.format(size=len(tree))
    head = head.replace(old, new, 1) if old and tree == TREE else head
    return (head + tree + REST + "\npandas_categorical:[[3, 7]]\n").encode()


def test_a_sound_file_is_read_and_loses_its_parameters() -> None:
    assert sniff(build()) == "lightgbm"
    model = parse_lightgbm(build())
    assert (model.outputs, model.width, model.objective[0]) == (1, 2, "binary")
    assert categories_of(model.trees[0], 1) == [1, 4, 32]
    kept = checked_lightgbm(build())
    assert b"passwd" not in kept
    assert b"leaf_weight" not in kept
    assert kept.endswith(b"\npandas_categorical:[[3, 7]]\n")
    assert parse_lightgbm(kept) == model


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("left_child=1 -1", "left_child=0 -1"),
        ("left_child=1 -1", "left_child=2 -1"),
        ("left_child=1 -1", "left_child=-1 -1"),
        ("right_child=-2 -3", "right_child=-2 -4"),
        ("right_child=-2 -3", "right_child=-2"),
        ("split_feature=1 0", "split_feature=2 0"),
        ("split_feature=1 0", "split_feature=-1 0"),
        ("split_feature=1 0", "split_feature=1 0 0"),
        ("threshold=0.5 0", "threshold=0.5 1"),
        ("threshold=0.5 0", "threshold=0.5 -1"),
        ("threshold=0.5 0", "threshold=0.5 0.5"),
        ("threshold=0.5 0", "threshold=nan 0"),
        ("decision_type=2 1", "decision_type=2 13"),
        ("decision_type=2 1", "decision_type=-2 1"),
        ("leaf_value=0.1 -0.2 1e-3", "leaf_value=0.1 -0.2"),
        ("leaf_value=0.1 -0.2 1e-3", "leaf_value=0.1 -0.2 inf"),
        ("leaf_value=0.1 -0.2 1e-3", "leaf_value=0.1 -0.2 0x1"),
        ("num_leaves=3", "num_leaves=300000000"),
        ("num_leaves=3", "num_leaves=0"),
        ("num_cat=1", "num_cat=9"),
        ("cat_boundaries=0 2", "cat_boundaries=0 3"),
        ("cat_boundaries=0 2", "cat_boundaries=1 2"),
        ("cat_boundaries=0 2", "cat_boundaries=0 0"),
        ("cat_threshold=18 1", "cat_threshold=18 -1"),
        ("cat_threshold=18 1", "cat_threshold=18 4294967296"),
        ("is_linear=0", "is_linear=1"),
        ("shrinkage=1", "num_leaves=3"),
        ("Tree=0", "Tree=1"),
        ("num_class=1", "num_class=2"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=1000000000"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=0"),
        ("max_feature_idx=1", "max_feature_idx=2"),
        ("max_feature_idx=1\n", ""),
        ("binary sigmoid:1", "multiclass num_class:9"),
        ("tree_sizes=", "tree_sizes=1"),
    ],
)
def test_damage_is_refused(old: str, new: str) -> None:
    assert build(old, new) != build()
    with pytest.raises(InputError):
        checked_lightgbm(build(old, new))


@pytest.mark.parametrize(
    "raw", [b"tree\nversion=v4\n", b"tree\n", b"", b"\xff", b"tree\n\nTree=0\n"]
)
def test_other_documents_are_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        checked_lightgbm(raw)


def test_linear_leaves_must_name_columns_that_exist() -> None:
    sound = "is_linear=1\nleaf_const=1 2 3\nnum_features=1 0 1\nleaf_features=0  1\nleaf_coeff=2  3"
    assert parse_lightgbm(build("is_linear=0", sound)).trees[0].linear
    for old, new in (("0  1", "0  2"), ("=1 0 1", "=1 0 2"), ("=1 2 3", "=1 2"), ("2  3", "2")):
        with pytest.raises(InputError, match="linear leaves"):
            checked_lightgbm(build("is_linear=0", sound.replace(old, new)))
