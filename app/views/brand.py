"""Logos and colours of merchants, for the pages of their payers: open to everybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flask import Response
from flask_appbuilder import expose

from app.domain import branding
from app.errors import NotFoundError, said
from app.services import logos
from app.views.base import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue

    from app.domain.branding import Shades

KEPT_FOR_EVER: Final = "public, max-age=31536000, immutable"
"""A logo's name changes with what it shows."""
KEPT_AN_HOUR: Final = "public, max-age=3600"
"""How a colour is mixed may change with a release."""
_DIGITS: Final = re.compile(r"[0-9a-f]{6}")
_SAME_ELEMENT: Final = '.branded[data-bs-theme="{theme}"]'
_WITHIN: Final = '[data-bs-theme="{theme}"] .branded:not([data-bs-theme])'


class BrandView(Page):
    """`/merchant-logo/…` and `/merchant-style/…`: neither tells who is asked for by whom."""

    route_base = ""
    class_permission_name = "home"

    @expose("/merchant-logo/<string:name>")
    def logo(self, name: str) -> ResponseReturnValue:
        """Show a logo by the name that the payers' pages give: nobody guesses another."""
        headers = {"Cache-Control": KEPT_FOR_EVER}
        return Response(logos.named(name), mimetype=logos.TYPE, headers=headers)

    @expose("/merchant-style/<string:colour>.css")
    def style(self, colour: str) -> ResponseReturnValue:
        """Show what a colour, six digits of 0-9 and a-f, makes of the parts that are `.branded`."""
        if not _DIGITS.fullmatch(colour):
            raise NotFoundError(said("There is no such colour."))
        text = "\n".join(_rules(f"#{colour}"))
        return Response(text, mimetype="text/css", headers={"Cache-Control": KEPT_AN_HOUR})


def _rules(colour: str) -> Iterator[str]:
    themes = {"light": branding.light_shades(colour), "dark": branding.dark_shades(colour)}
    for theme, shades in themes.items():
        where = ", ".join(each.format(theme=theme) for each in (_WITHIN, _SAME_ELEMENT))
        yield f"{where} {{ {_values(shades)} }}"


def _values(shades: Shades) -> str:
    found = {
        "accent": shades.accent,
        "accent-hover": shades.accent_hover,
        "brand-fill": shades.fill,
        "brand-hover": shades.fill_hover,
        "brand-ink": shades.ink,
        "brand-edge": shades.edge,
    }
    return " ".join(f"--{name}: {value};" for name, value in found.items())
