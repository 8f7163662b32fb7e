"""Flask-AppBuilder as it comes: a ModelView with stock templates on the same rows.

It is set up as its documentation shows, with what a careful developer adds: columns, an order, 50
rows a page, and no merchants in the search form (a select of all of them makes a page of 1.6 MB).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_appbuilder import AppBuilder, Model, ModelView
from flask_appbuilder.models.sqla.filters import FilterEqual
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, String
from sqlalchemy.orm import mapped_column, relationship

from benchmarks.peers.serving import serve
from benchmarks.scale import DATABASE, STOCK

if TYPE_CHECKING:
    from flask.testing import FlaskClient

_SCHEMA = {"schema": DATABASE}


class Merchant(Model):
    """A merchant's name."""

    __tablename__ = "merchant"
    __table_args__ = _SCHEMA

    id = mapped_column(BigInteger, primary_key=True)
    name = mapped_column(String(128))

    def __repr__(self) -> str:
        """Return what a cell shows."""
        return str(self.name)


class Payment(Model):
    """The columns of the list."""

    __tablename__ = "payment"
    __table_args__ = _SCHEMA

    id = mapped_column(BigInteger, primary_key=True)
    public_id = mapped_column(String(40))
    merchant_id = mapped_column(BigInteger, ForeignKey(f"{DATABASE}.merchant.id"))
    livemode = mapped_column(Boolean)
    reference = mapped_column(String(64))
    amount_minor = mapped_column(BigInteger)
    currency = mapped_column(String(24))
    method = mapped_column(String(32))
    status = mapped_column(String(32))
    created_at = mapped_column(DateTime)
    merchant = relationship(Merchant)


class PaymentView(ModelView):
    """The list."""

    datamodel = SQLAInterface(Payment)
    base_filters = [["livemode", FilterEqual, False]]
    base_order = ("created_at", "desc")
    page_size = 50
    list_columns = [
        *("created_at", "public_id", "merchant", "reference", "method", "status"),
        *("amount_minor", "currency"),
    ]
    search_columns = [
        *("created_at", "public_id", "merchant_id", "reference", "method", "status"),
        *("amount_minor", "currency"),
    ]


def build() -> tuple[Flask, Any]:
    """Return the application and its database, with one user who may do everything."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="a peer of the benchmark",
        SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"].replace(DATABASE, STOCK),
        FAB_SECURITY_SIGNALS_ENABLED=False,
        RATELIMIT_STORAGE_URI="memory://",
    )
    database = SQLAlchemy(model_class=Model)
    database.init_app(app)
    with app.app_context():
        chassis = AppBuilder(app, database.session)
        chassis.add_view(PaymentView, "Payments")
        if chassis.sm.find_user("admin") is None:
            admin = chassis.sm.find_role("Admin")
            chassis.sm.add_user("admin", "A", "B", "a@example.com", admin, "not used")
    return app, database


def signed_in(app: Flask, database: Any) -> FlaskClient:
    """Return a client of the user."""
    with app.app_context():
        user = app.extensions["appbuilder"].sm.find_user("admin")
        user_id = str(user.id)
        database.session.remove()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = user_id, True
    return client


def main() -> None:
    """Serve the data set that the environment names."""
    app, database = build()
    with app.app_context():
        engine = database.engine
    serve({"staff": signed_in(app, database)}, engine)


if __name__ == "__main__":
    main()
