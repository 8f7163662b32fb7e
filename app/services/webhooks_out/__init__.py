"""Webhooks out: merchants' endpoints, delivering events to them, and sending them again."""
