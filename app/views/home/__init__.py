"""The home page of each role."""

from app.views.home.screen import HomeView

__all__ = ["HomeView"]
