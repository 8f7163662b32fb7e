"""The smallest marks of a page: a list draws hundreds of them, so each is made once a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import g
from markupsafe import Markup

if TYPE_CHECKING:
    from flask import Flask

    from app.views.words import Badge

_ICON = Markup('<svg class="icon" {about}><use href="{sprite}#{name}"></use></svg>')
_BADGE = Markup('<span class="badge-status badge-{tone}">{icon}{word}</span>')
_HIDDEN = Markup('aria-hidden="true"')
_NAMED = Markup('role="img" aria-label="{label}"')


def register(app: Flask) -> None:
    """Give templates `draw_icon` and `draw_badge`; `components/ui.html` hands them on."""
    address: Any = app.jinja_env.globals["asset"]

    def icon(name: str, label: str = "") -> Markup:
        drawn: dict[tuple[str, ...], Markup] = g.setdefault("drawn", {})
        key = ("icon", name, str(label))
        if key not in drawn:
            about = _NAMED.format(label=label) if label else _HIDDEN
            drawn[key] = _ICON.format(about=about, sprite=address("icons.svg"), name=name)
        return drawn[key]

    def badge(shown: Badge) -> Markup:
        drawn: dict[tuple[str, ...], Markup] = g.setdefault("drawn", {})
        key = ("badge", shown.tone, shown.icon, str(shown.word))
        if key not in drawn:
            drawn[key] = _BADGE.format(tone=shown.tone, icon=icon(shown.icon), word=shown.word)
        return drawn[key]

    app.jinja_env.globals.update(draw_icon=icon, draw_badge=badge)
