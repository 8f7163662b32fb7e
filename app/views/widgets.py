"""The parts of a generated page: list, filters, one row, form; plain HTML without scripts."""

from __future__ import annotations

from flask_appbuilder.widgets import FormWidget, ListWidget, RenderTemplateWidget, ShowWidget


class RecordList(ListWidget):
    """Rows with their buttons, and the pages."""

    template = "records/_list.html"


class RecordFilters(RenderTemplateWidget):
    """A form by GET with one line for each column that can be searched."""

    template = "records/_filters.html"


class RecordShow(ShowWidget):
    """One row."""

    template = "records/_show.html"


class RecordForm(FormWidget):
    """Fields for a row, a new one or one that is changed."""

    template = "records/_form.html"
