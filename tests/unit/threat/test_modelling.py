"""What moves a threat: evidence of each model behind an element; and what is asked for."""

from datetime import date

from msgspec.structs import replace

from bartizan.core.attacker import Access
from bartizan.core.fact import Found
from bartizan.core.known import Item, Known
from bartizan.core.system import Element, Flow
from bartizan.core.threat import Threat
from bartizan.frameworks.controls import controls
from bartizan.threat.modelling import Basis, questions_of, threats_of
from bartizan.threat.reading import packaged
from unit.threat.systems import ATTACKER, landscape, line

_API = Element(id="api", kind="api", zone="inside", returns_scores=True, rate_limit="client")
_FLOWS: tuple[Flow, ...] = (
    *line("somebody", "api", "one"),
    Flow(source="api", target="two"),
)
_MODELS = tuple(
    Element(id=name, kind="model", zone="inside", model=name) for name in ("one", "two")
)


def _copied(*shown: str, seen: Access | None = None, scores: bool = True) -> Threat:
    """The threat that an API's models are copied, where these passed the test for it."""
    passed = {
        Item("model", name): (
            Found(
                finding=f"extraction.surrogate@{name}",
                outcome="pass",
                severity="none",
                evidence="",
                subjects=(),
                access=seen,
                when="2026-06-01T00:00:00Z",
            ),
        )
        for name in shown
    }
    basis = Basis(
        rules=packaged(),
        controls=controls(),
        maturity={},
        known=Known(found=passed),
        today=date(2026, 6, 2),
    )
    api = replace(_API, returns_scores=scores)
    here = landscape(ATTACKER, api, *_MODELS, flows=_FLOWS)
    found = threats_of(here, basis=basis)
    return next(one for one in found if one.id == "theft.questions@api")


def test_what_is_shown_of_one_model_lowers_nothing_for_the_other_behind_the_same_api() -> None:
    assert _copied("one").residual == _copied().residual == _copied().inherent
    both = _copied("one", "two")
    assert both.residual.likelihood == both.inherent.likelihood - 1  # one test, though two controls


def test_a_test_against_somebody_who_sees_less_lowers_nothing() -> None:
    easier = _copied("one", "two", seen="labels")
    assert (easier.access, easier.proofs) == ("scores", ())
    assert easier.residual == easier.inherent
    assert any("sees less than scores: extraction.surrogate@one" in why for why in easier.because)
    assert _copied("one", "two", seen="gradients").residual == _copied("one", "two").residual
    coarse = _copied("one", "two", seen="labels", scores=False)  # decisions are all that they see
    assert coarse.access == "labels"
    assert coarse.residual.likelihood == coarse.inherent.likelihood - 1


def test_what_would_make_a_threat_worse_is_asked_for() -> None:
    def asked(api: Element) -> set[str]:
        here = landscape(ATTACKER, api, *_MODELS, flows=_FLOWS)
        return {
            threat
            for one in questions_of(here, rules=packaged())
            if (one.owner, one.attribute) == ("element api", "rate_limit")
            for threat in one.threats
        }

    assert {"evasion.scores@api", "theft.questions@api"} <= asked(replace(_API, rate_limit=None))
    assert asked(_API) == set()
