"""Interpreters: who needs one, in which language, and who can serve them."""
