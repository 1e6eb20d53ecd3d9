"""Documents that the law asks for, filled from evidence; the rest is left for a person."""

from bartizan.report.comply.documents.save import render_documents, save_documents
from bartizan.report.comply.documents.sheet import Card, DocumentSheet

__all__ = ("Card", "DocumentSheet", "render_documents", "save_documents")
