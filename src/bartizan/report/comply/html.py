"""A report on clauses as one HTML file: no script, no request, light and dark, screen and paper."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bartizan.core.compliance import ComplianceReport
from bartizan.report import words
from bartizan.report.comply import view


def render(report: ComplianceReport) -> bytes:
    """Write the page. Equal reports give equal bytes with equal versions of the libraries."""
    environment = Environment(
        loader=PackageLoader("bartizan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("comply.html").render(report=report, view=view, words=words)
    return page.encode()


def _visible(value: object) -> object:
    """Text that nobody sees, or that turns the writing round, is spelled out."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return words.visible(value)
