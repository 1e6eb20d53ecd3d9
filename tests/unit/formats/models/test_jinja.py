"""Templates: what reaches for the interpreter, whatever stands around it, in bounded time."""

import pytest

from bartizan.formats.models.jinja import reaches
from timing import within


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages | map(attribute='role') | list }}",
        "{{ name | replace('-', '_') }}",
        "text with __init__ and self.x outside of braces",
        "{{ 'self.x, lipsum.y and {% include z %} in a text' }}",
        "{% set ns = namespace(first=true) %}{{ ns.first }}",
    ],
)
def test_what_templates_of_models_do_is_left_alone(template: str) -> None:
    assert reaches(template) == ()


@pytest.mark.parametrize(
    "template",
    [
        "{{ '}}' ~ x.__class__ }}",
        '{{ "\\"}}" ~ x.__class__ }}',
        "{{ x.__class__",
        "{% if x %}{{ y['__globals__'] }}",
        "{{ messages | map(attribute=name) }}",
        "{{ x.mro() }}",
        "{{ x['__glo' ~ 'bals__'] }}",
        "{{ x[['__glo', 'bals__'] | join] }}",
        "{{ x['%s__' % '__init'] }}",
    ],
)
def test_nothing_around_it_hides_a_reach(template: str) -> None:
    assert reaches(template)


@pytest.mark.parametrize(
    "piece", ["map(", "{{", "{%", "'", '"\\', "__", "_'", "~ ", "|", ".", "lipsum", "{{'}}", "a'_'"]
)
def test_time_grows_with_the_length(piece: str) -> None:
    within(2, lambda: reaches("{{" + piece * (300_000 // len(piece))))
