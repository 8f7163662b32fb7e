"""A new release of Flask-AppBuilder must not change a template behind the back of ours."""

from __future__ import annotations

from tests.views import upstream


def test_what_we_shadow_is_what_it_was_when_ours_was_written() -> None:
    known, found = upstream.written().shadowed, upstream.installed().shadowed
    changed = {
        name: f"Flask-AppBuilder changed {name}: carry over to app/templates/{name} what matters, "
        f"then write {found[name]} into tests/views/{upstream.WRITTEN.name}."
        for name in found.keys() & known.keys()
        if found[name] != known[name]
    }
    assert changed == {}
    assert found.keys() == known.keys(), "list exactly the templates that we shadow"


def test_every_other_template_is_known_and_never_rendered() -> None:
    """That none of them is rendered is shown by test_markup.py, which reads every page."""
    assert upstream.installed().never_rendered == upstream.written().never_rendered


def test_every_file_of_ours_there_takes_the_place_of_one_of_theirs() -> None:
    assert upstream.shadows() == upstream.installed().shadowed.keys()
