"""The security manager with its screens named."""

from __future__ import annotations

from app.security.manager import SecurityManager
from app.views.accounts.sign_in import AuthDBView


class AccountsManager(SecurityManager):
    """Mounts the sign-in page only; every other screen stands in the menu table."""

    def register_views(self) -> None:
        """Mount what Flask-AppBuilder itself needs to find."""
        self.auth_view = AuthDBView()
        self.appbuilder.add_view_no_menu(self.auth_view)
