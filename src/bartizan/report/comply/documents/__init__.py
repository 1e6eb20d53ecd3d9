"""Documents that the law asks for, filled from evidence; the rest is left for a person."""

from bartizan.report.comply.documents.draft import put_draft
from bartizan.report.comply.documents.outdated import remove_outdated
from bartizan.report.comply.documents.save import render_documents
from bartizan.report.comply.documents.sheet import Card, DocumentSheet

__all__ = ("Card", "DocumentSheet", "put_draft", "remove_outdated", "render_documents")
