import base64
import io

import numpy as np
import pytest
from PIL import Image as Picture

from bartizan.adapt import Table, load_dataset
from bartizan.assess.explain import changes, examples, weaknesses
from bartizan.assess.outcome import Attacked
from bartizan.assess.views import pixel_changes, views
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.attacker import Attacker
from bartizan.core.codec import Pictured
from bartizan.core.constraint import Constraint
from bartizan.core.finding import Views
from bartizan.core.schema import Image
from bartizan.core.space import Box

X = np.random.default_rng(3).integers(0, 256, (4, 5, 6, 3), dtype=np.uint8)


def table(values: AnyArray = X) -> Table:
    return load_dataset((values, [0, 1, 0, 1]), target=None)


def form(it: Table) -> Image:
    assert it.dataset.schema.image is not None
    return it.dataset.schema.image


def opened(uri: str) -> AnyArray:
    head, _, body = uri.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Picture.open(io.BytesIO(base64.b64decode(body, validate=True))))


def drawn(it: Table, before: Array, after: Array) -> Views:
    assert isinstance(it.codec, Pictured)
    return views(it.codec, form(it), before, after)


def test_before_and_after_are_the_images_themselves() -> None:
    it = table()
    seen = drawn(it, it.dataset.x[0], it.dataset.x[1])
    assert np.array_equal(opened(seen.original), X[0])
    assert np.array_equal(opened(seen.altered), X[1])


@pytest.mark.parametrize("size", [1, 8, 200])
def test_the_largest_change_has_full_contrast_and_no_change_is_grey(size: int) -> None:
    it = table(np.full_like(X, 20))
    before = it.dataset.x[0]
    after = before.copy()
    after[[0, 4]] += size
    after[7] -= size / 4
    seen = drawn(it, before, after)
    shades = opened(seen.difference).ravel()
    assert seen.amplified == pytest.approx(127 / size)
    assert shades[[0, 4, 1, 89]].tolist() == [255, 255, 128, 128]
    assert shades[7] == round(128 - 127 / 4)
    assert opened(drawn(it, after, before).difference).ravel()[0] == 1


def test_shades_mean_the_same_in_any_range() -> None:
    it = table(X.astype(np.float32) / 127.5 - 1)
    assert form(it).min == -1
    before, after = it.dataset.x[0], it.dataset.x[0].copy()
    after[5] += 0.5
    seen = drawn(it, before, after)
    assert seen.amplified == pytest.approx(127 / 255 * 2 / 0.5)
    assert opened(seen.difference).ravel()[[5, 6]].tolist() == [255, 128]


def test_where_nothing_changed_all_is_grey() -> None:
    it = table()
    seen = drawn(it, it.dataset.x[0], it.dataset.x[0])
    assert (opened(seen.difference) == 128).all()
    assert seen.amplified == 1.0
    assert pixel_changes(form(it), it.dataset.x[0], it.dataset.x[0]) == ()


def test_a_pixel_changed_if_any_of_its_channels_did() -> None:
    it = table()
    after = it.dataset.x[0].copy()
    after[[0, 1, 30]] += 1
    (told,) = changes(it.dataset, it.dataset.x[0], after)
    assert (told.feature, told.before, told.after) == ("pixels changed", "0", "2 of 30")


def attacked(it: Table) -> Attacked:
    return Attacked(
        rows=np.arange(4), points=it.dataset.x + 1.0, price=np.array([0.1, 0.2, 0.3, 9.0]),
        decided=1 - it.dataset.y, queries=np.full(4, 50), needed=np.full(4, 5), rejected=0,
        lower=np.zeros(4), vanished=np.full(4, np.nan),
    )  # fmt: skip


def test_examples_show_the_images_and_tables_have_none() -> None:
    it = table()
    shown = examples(attacked(it), it.dataset, classes=(0, 1), budget=1.0, codec=it.codec)
    assert [one.row for one in shown] == [0, 1, 2]
    assert shown[0].views is not None
    assert np.array_equal(opened(shown[0].views.original), X[0])
    flat = load_dataset((X.reshape(4, -1), [0, 1, 0, 1]), target=None)
    (one, *_) = examples(attacked(flat), flat.dataset, classes=(0, 1), budget=1.0, codec=flat.codec)
    assert one.views is None


def test_pixels_are_no_weaknesses() -> None:
    it = table()
    space = Box.of(form(it))
    constraint = Constraint(space, Attacker(name="eve", norm="L2", eps=1.0), it.dataset.x)
    assert weaknesses(attacked(it), it.dataset, constraint) == ()
