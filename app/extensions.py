"""Unbound extensions; the factory binds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model as FabModel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

if TYPE_CHECKING:
    from sqlalchemy import MetaData

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Set before Flask-AppBuilder's security models are imported, so that its constraints are named too.
metadata: MetaData = FabModel.metadata
metadata.naming_convention = NAMING_CONVENTION

from flask_appbuilder.security.sqla import models as _security_models  # the order is the point


def strip_sequences(target: MetaData) -> None:
    """Remove `Sequence` defaults: after Alembic they break inserts on MariaDB."""
    for table in target.tables.values():
        for column in table.columns:
            if column.default is not None and column.default.is_sequence:
                column.default = None


strip_sequences(metadata)

db = SQLAlchemy(model_class=FabModel, disable_autonaming=True)
migrate = Migrate()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)
