import gzip
import pickle
import time
from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest

from bartizan.adapt import EndpointSettings, Limits, bind, load_dataset, load_model
from bartizan.adapt.remote.endpoint import Endpoint
from bartizan.adapt.remote.reply import read_reply
from bartizan.adapt.remote.transport import Transport
from bartizan.core.errors import ConfigError, ModelError, UsageError
from unit.adapt.served import Served, chance, serving

X = np.array([[1.0, 2.0], [-3.0, 1.0], [0.5, -0.25], [0.0, 4.0]])
PATIENT = Limits(timeout_s=5.0, retries=2)


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as it:
        yield it


def endpoint(served: Served, **settings: object) -> Endpoint:
    made = Endpoint.at(served.url, EndpointSettings(**{"limits": PATIENT, **settings}))  # type: ignore[arg-type]
    made.transport.sleep = lambda _: None
    return made


PLAIN = {
    "protocol": "json",
    "request": {"rows": "$rows"},
    "response": "predictions.*.score",
}


def test_the_open_inference_protocol_is_spoken(served: Served) -> None:
    found = endpoint(served)(X)
    np.testing.assert_allclose(found, chance(X), rtol=1e-6)
    assert served.asked[0]["inputs"][0]["shape"] == [4, 2]


@pytest.mark.parametrize("ending", ["", "/", "/infer"])
def test_the_address_may_end_as_people_copy_it(served: Served, ending: str) -> None:
    served.url += ending
    assert endpoint(served)(X).shape == (4, 2)


def test_plain_json_is_made_from_a_template(served: Served) -> None:
    found = endpoint(served, **PLAIN)(X)
    np.testing.assert_allclose(found, [p[1] for p in chance(X)])


def test_rows_go_in_batches(served: Served) -> None:
    assert endpoint(served, batch_rows=3)(X).shape == (4, 2)
    assert [len(body["inputs"][0]["data"]) for body in served.asked] == [6, 2]


def test_a_model_behind_an_address_is_assessed_like_any_other(served: Served) -> None:
    table = load_dataset((X, np.array([1, 0, 1, 1])), target=None)
    model = load_model(served.url)
    assert (model.name, model.format, model.path) == ("m", "endpoint", served.url)
    bound = bind(model, table)
    assert bound.score_kind == "probability"
    assert bound.digest_kind == "probe"
    np.testing.assert_allclose(bound.scores(X), chance(X), rtol=1e-6)


def test_images_are_sent_channel_first_where_that_is_asked_for(served: Served) -> None:
    served.shape = (-1, 3, 4, 5)
    rows = np.arange(2 * 4 * 5 * 3, dtype=float).reshape(2, 4, 5, 3) / 100
    endpoint(served)(rows)
    tensor = served.asked[0]["inputs"][0]
    assert tensor["shape"] == [2, 3, 4, 5]
    np.testing.assert_allclose(tensor["data"], rows.transpose(0, 3, 1, 2).ravel(), rtol=1e-6)


def test_rows_of_another_shape_are_refused(served: Served) -> None:
    served.shape = (-1, 3)
    with pytest.raises(ModelError, match=r"takes rows of shape \[3\], the data has \[2\]"):
        endpoint(served)(X)


def test_whole_numbers_are_not_cut(served: Served) -> None:
    served.datatype = "INT64"
    with pytest.raises(ModelError, match=r"takes INT64, and a row holds 0.5"):
        endpoint(served)(X)


def test_it_tries_again_after_a_busy_server_and_heeds_its_wish(served: Served) -> None:
    waited: list[float] = []
    served.mischief = lambda n: (429, {}, {"retry-after": "7"}) if n < 3 else None
    asking = endpoint(served)
    asking.transport.sleep = waited.append
    assert asking(X).shape == (4, 2)
    assert waited == [7.0, 7.0]


def test_a_server_cannot_ask_for_an_endless_pause(served: Served) -> None:
    waited: list[float] = []
    served.mischief = lambda n: (503, {}, {"retry-after": "1e9"}) if n < 2 else None
    asking = endpoint(served)
    asking.transport.sleep = waited.append
    asking(X)
    assert waited == [60.0]


def test_a_server_that_stays_busy_is_told_about(served: Served) -> None:
    served.mischief = lambda _: (429, {}, {})
    with pytest.raises(ModelError, match=r"no answer after 3 tries \(status 429\)"):
        endpoint(served)(X)


def test_a_server_that_is_not_there_is_told_about() -> None:
    gone = Endpoint.at("http://127.0.0.1:9/v2/models/m", EndpointSettings(limits=PATIENT))
    gone.transport.sleep = lambda _: None
    with pytest.raises(ModelError, match="no answer after 3 tries") as told:
        gone(X)
    assert "refused" in str(told.value)
    assert "took longer" not in str(told.value)


def test_a_slow_server_times_out(served: Served) -> None:
    def slow(_: int) -> None:
        time.sleep(0.5)

    served.mischief = slow
    with pytest.raises(ModelError, match="timeout_s too short"):
        endpoint(served, limits=Limits(timeout_s=0.05, retries=0))(X)


def test_a_refusal_is_told_at_once_with_what_the_server_said(served: Served) -> None:
    served.mischief = lambda _: (401, b"who are\n you?", {})
    with pytest.raises(ModelError, match="status 401: 'who are you\\?'"):
        endpoint(served)(X)
    assert len(served.asked) == 1


def test_nobody_is_followed_elsewhere(served: Served) -> None:
    served.mischief = lambda _: (307, b"", {"location": "http://127.0.0.1:9/"})
    with pytest.raises(ModelError, match="status 307"):
        endpoint(served)(X)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"<html>", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"outputs": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "no JSON"),
        (b'{"outputs": [], "outputs": []}', "'outputs' is there twice"),
        (b"9" * 5_000, "no JSON"),
        (b"\xff\xfe\xff", "no JSON"),
        (b"", "no JSON"),
        ({"outputs": [{"shape": [10**12], "datatype": "FP32", "data": [1]}]}, "not as the prot"),
        ({"outputs": [{"shape": [float("inf")], "datatype": "FP32", "data": []}]}, "not as the"),
        ({"outputs": 3}, "not as the protocol says"),
        ({"outputs": []}, "answered shapes nothing"),
        (
            {"outputs": [{"name": "y", "shape": [3, 2], "datatype": "FP32", "data": [0.5] * 6}]},
            r"asked about 4 rows and answered shapes \(3, 2\)",
        ),
        (
            {"outputs": [{"name": "y", "shape": [4, 2], "datatype": "FP32", "data": [0.5]}]},
            "not as the protocol says",
        ),
    ],
)
def test_nonsense_is_one_clear_error(served: Served, document: object, says: str) -> None:
    served.mischief = lambda _: (200, document, {})
    with pytest.raises(ModelError, match=says):
        endpoint(served)(X)


@pytest.mark.parametrize(
    "described", [{"shape": [-1, 1e999]}, {"datatype": ["FP32"]}, {"shape": 3}, {"datatype": "FP8"}]
)
def test_a_description_that_makes_no_sense_is_one_clear_error(
    served: Served, described: dict[str, object]
) -> None:
    served.described["inputs"][0].update(described)
    with pytest.raises(ModelError, match=r"not as the protocol says|rows can be sent as"):
        endpoint(served)(X)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_score_that_is_no_number_is_told_with_its_row(served: Served, number: str) -> None:
    raw = f'{{"predictions": [{{"score": 0.5}}, {{"score": {number}}}]}}'.encode()
    served.mischief = lambda _: (200, raw, {})
    settings = EndpointSettings(**PLAIN, limits=PATIENT)  # type: ignore[arg-type]
    table = load_dataset((X[:2], np.array([0, 1])), target=None)
    with pytest.raises(ModelError, match=r"on row 1; scores must be finite"):
        bind(load_model(served.url, endpoint=settings), table)


def test_a_shape_that_changes_within_a_run_is_noticed(served: Served) -> None:
    one = {"name": "y", "shape": [1], "datatype": "FP32", "data": [0.5]}
    served.mischief = lambda n: (200, {"outputs": [one]}, {}) if n == 2 else None
    with pytest.raises(ModelError, match="changed the shape"):
        endpoint(served, batch_rows=3)(X)


def test_a_version_that_changes_within_a_run_is_noticed(served: Served) -> None:
    served.version = lambda n: "1" if n == 1 else "2"
    asking = endpoint(served)
    asking(X)
    with pytest.raises(ModelError, match="version 2, not 1"):
        asking(X)


def test_another_version_than_the_declared_one_is_refused(served: Served) -> None:
    with pytest.raises(ModelError, match="version 1, not 7"):
        endpoint(served, version="7")(X)


def test_a_path_that_leads_nowhere_says_what_there_is(served: Served) -> None:
    with pytest.raises(ModelError, match=r"without 'scores'.*'predictions'"):
        endpoint(served, **{**PLAIN, "response": "scores"})(X)
    with pytest.raises(ModelError, match="does it point at the scores"):
        endpoint(served, **{**PLAIN, "response": "predictions.0"})(X)


def test_frames_are_sent_by_name_and_gaps_are_null(served: Served) -> None:
    seen = {**PLAIN, "request": {"rows": "$records"}, "response": ""}
    served.mischief = lambda _: (200, [0.1, 0.2], {})
    frame = pl.DataFrame({"a": [1.5, None], "b": ["x", "y"]})
    endpoint(served, **seen)(frame)
    assert served.asked[0] == {"rows": [{"a": 1.5, "b": "x"}, {"a": None, "b": "y"}]}


def test_calls_keep_the_rate() -> None:
    now, waited = [0.0], []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    with serving() as served:
        asking = Transport(
            url=served.url, limits=Limits(per_second=4), sleep=sleep, clock=lambda: now[0]
        )
        for _ in range(3):
            asking.get()
    assert waited == [0.25, 0.25]


def test_credentials_are_named_and_never_travel(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAUD_TOKEN", "s3cret")
    asking = endpoint(served, headers={"Authorization": "Bearer env:FRAUD_TOKEN"})
    asking(X)
    assert served.headers[0]["authorization"] == "Bearer s3cret"
    asking.transport.sleep = time.sleep
    assert b"s3cret" not in pickle.dumps(asking)
    assert "s3cret" not in repr(asking)
    assert pickle.loads(pickle.dumps(asking))(X).shape == (4, 2)  # noqa: S301 (our own)


def test_a_credential_that_is_not_there_is_told(served: Served) -> None:
    with pytest.raises(UsageError, match="no variable 'NOT_THERE'"):
        endpoint(served, headers={"x-api-key": "env:NOT_THERE"})(X)


@pytest.mark.parametrize("status", [200, 401])
def test_a_credential_that_the_server_repeats_is_not_repeated_here(
    served: Served, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("FRAUD_TOKEN", "s3cret-and-long")
    served.mischief = lambda _: (status, b"unknown: Bearer s3cret-and-long", {})
    with pytest.raises(ModelError, match=r"unknown: Bearer \[credential\]"):
        endpoint(served, headers={"Authorization": "Bearer env:FRAUD_TOKEN"})(X)


@pytest.mark.parametrize("secret", ["s3cret\nx: y", "s3cret\u2026", " ", "\r"])
def test_a_credential_that_no_header_can_hold_is_told_without_it(
    served: Served, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("FRAUD_TOKEN", secret)
    with pytest.raises(UsageError, match="one line of plain text") as told:
        endpoint(served, headers={"Authorization": "Bearer env:FRAUD_TOKEN"})(X)
    assert "s3cret" not in str(told.value)


def test_an_answer_that_never_ends_is_given_up() -> None:
    """Each byte comes in time, so that no timeout of the socket ever fires."""
    now = [0.0]

    class Dripping:
        def read1(self, _: int, **_how: bool) -> bytes:
            now[0] += 1.0
            return b" "

    assert read_reply(Dripping(), where="it", late=lambda: now[0] > 30) is None
    assert now[0] == 31.0


def test_an_answer_that_unpacks_to_too_much_is_refused(served: Served) -> None:
    packed = gzip.compress(b" " * (80 << 20), compresslevel=1)
    served.mischief = lambda _: (200, packed, {"content-encoding": "gzip"})
    with pytest.raises(ModelError, match="more than 64 MiB"):
        endpoint(served)(X)


def test_a_row_that_json_cannot_say_is_told(served: Served) -> None:
    with pytest.raises(ModelError, match="no word for missing"):
        endpoint(served)(np.array([[1.0, np.nan]]))


@pytest.mark.parametrize(
    ("url", "settings", "says"),
    [
        ("https://h/m", {"headers": {"Authorization": "Bearer abc"}}, "env:NAME or file:PATH"),
        ("http://h/m", {"headers": {"x-api-key": "env:K"}}, "use https"),
        ("https://u:p@h/m", {}, "holds no credentials"),
        ("https:///m", {}, "expected an address"),
        ("https://h/m?api_key=abc", {}, "addresses stand in reports"),
        ("ftp://u:p@h/m", {}, "holds no credentials"),
        ("https://[::1/m", {}, "no address can be read"),
        ("https://h:99999/m", {}, "no address can be read"),
        ("https://h/m", {"batch_rows": 0}, "batch_rows"),
        ("https://h/m", {"protocol": "json"}, "needs `request`"),
        ("https://h/m", {"response": "a.b"}, "belong to protocol"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    url: str, settings: dict[str, object], says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        Endpoint.at(url, EndpointSettings(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"timeout_s": 0.0}, {"retries": -1}, {"per_second": 0.0}])
def test_limits_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Limits(**wrong)  # type: ignore[arg-type]
