"""PayAgency itself, as a contender."""

from __future__ import annotations

from app.extensions import db
from app.factory import create_app
from benchmarks import people
from benchmarks.peers.serving import serve


def main() -> None:
    """Serve the data set that the environment names."""
    app = create_app()
    people.keep(app)
    with app.app_context():
        engine = db.engine
    serve(people.clients(app), engine)


if __name__ == "__main__":
    main()
