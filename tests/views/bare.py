"""A page with nothing but our scripts, styles and policy, and what those scripts ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Flask, abort, jsonify, render_template_string, request

from app.security import csp
from app.views import assets
from tests.architecture.tree import ROOT

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

PAGE: Final = """<!doctype html>
<html lang="en" data-bs-theme="{{ request.args.get('theme', 'light') }}">
  <head>
    <title>Bare</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="{{ asset('icon.svg') }}">
    {% for name in ("vendor/bootstrap.min.css", "css/tokens.css", "css/app.css") %}
      <link rel="stylesheet" href="{{ asset(name) }}">
    {% endfor %}
  </head>
  <body>
    <main>
      <h1>Bare</h1>
      <ul><li><a href="#merchant">Choose a merchant.</a></li></ul>
      <form class="form" action="/sent">
        <div class="line">
          <label class="form-label" for="merchant">Merchant</label>
          <div class="form-text" id="merchant-hint">A part of its name.</div>
          <input class="form-control" id="merchant" name="merchant" required
                 aria-describedby="merchant-hint" data-source="/source" data-none="Nothing found"
                 data-failed="Type the name." data-remove="Remove {name}">
        </div>
        <div class="line">
          <label class="form-label" for="roles">Roles</label>
          <input class="form-control" id="roles" name="roles" value="admin" data-title="Admins"
                 data-options="/options" data-many data-none="Nothing found"
                 data-failed="Type the name." data-remove="Remove {name}">
        </div>
        <button class="btn btn-primary">Send</button>
      </form>
      {% for _ in range(60) %}<p>Something to read first.</p>{% endfor %}
      {% for name in ("figure", "broken") %}
        <h2 id="{{ name }}-title">{{ name }}</h2>
        <div class="figure d-block w-100" id="{{ name }}" data-figure="/{{ name }}"
             data-failed="See the table." role="img" aria-labelledby="{{ name }}-title">
          <p class="figure-waiting">Wait.</p>
        </div>
      {% endfor %}
    </main>
    <script src="{{ asset('js/figures.js') }}" nonce="{{ csp_nonce() }}"
            data-plotly="{{ asset('vendor/plotly-basic.min.js') }}"
            data-style="{{ asset('vendor/plotly.css') }}" defer></script>
    {% include "components/related.html" %}
  </body>
</html>
"""
MERCHANTS: Final = {"acme": "Acme <b>& Sons</b>", "globex": "Globex", "mer_7": "Hooli"}
ROLES: Final = {"admin": "Admins", "finance": "Finance", "auditor": "auditor"}
FIGURE: Final[dict[str, Any]] = {
    "data": [
        {
            "type": "bar",
            "name": "Succeeded",
            "x": ["<b>one</b>", "two"],
            "y": ["9007199254740993.01", "9007199254740993.01"],
            "text": ["most", "rest"],
            "textposition": "inside",
            "customdata": [["/sent?bar=one", 3], ["https://elsewhere.example/", 4]],
            "hovertemplate": "%{x}<br>%{customdata[1]} payments",
        },
        {
            "type": "bar",
            "name": "Failed",
            "x": ["<b>one</b>", "two"],
            "y": ["1", "2"],
            "meta": {"colour": ["--chart-5", "--chart-6"]},
        },
        {"type": "scatter", "name": "Rate", "x": ["<b>one</b>", "two"], "y": [1, 2]},
    ],
    "layout": {"template": "none", "height": 300, "yaxis": {"title": {"text": "EUR"}}},
}


def build() -> Flask:
    """Build the application of the page."""
    app = Flask(
        "bare",
        static_folder=str(ROOT / "app" / "static"),
        template_folder=str(ROOT / "app" / "templates"),
    )
    csp.register(app)
    assets.register(app, development=False)
    app.after_request(_guard)
    app.add_url_rule("/", view_func=_page)
    app.add_url_rule("/source", view_func=_source)
    app.add_url_rule("/options", view_func=_options)
    app.add_url_rule("/figure", view_func=lambda: jsonify(FIGURE), endpoint="figure")
    app.add_url_rule("/broken", view_func=lambda: abort(500), endpoint="broken")
    app.add_url_rule("/sent", view_func=lambda: dict(request.args), endpoint="sent")
    return app


def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = csp.policy(response)
    return response


def _page() -> ResponseReturnValue:
    return render_template_string(PAGE)


def _source() -> ResponseReturnValue:
    return jsonify([{"key": key, "name": name} for key, name in _found(MERCHANTS)])


def _options() -> ResponseReturnValue:
    return jsonify(options=[{"value": key, "title": name} for key, name in _found(ROLES)])


def _found(names: dict[str, str]) -> list[tuple[str, str]]:
    text = request.args["q"].lower()
    if text == "fail":
        abort(500)
    return [(key, name) for key, name in names.items() if text in f"{key} {name.lower()}"]
