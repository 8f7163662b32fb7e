"""Mails to people: asked for in the unit of work of what they tell, sent by workers."""
