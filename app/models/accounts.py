"""People and their rights: Flask-AppBuilder's tables, named here for the layers above."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import Permission as PermissionName
from flask_appbuilder.security.sqla.models import PermissionView as PermissionPair
from flask_appbuilder.security.sqla.models import Role, User
from flask_appbuilder.security.sqla.models import ViewMenu as Area

__all__ = ["Area", "PermissionName", "PermissionPair", "Role", "User"]
