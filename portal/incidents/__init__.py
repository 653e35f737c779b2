"""Incidents: what people tell us, the cases that we make of it, and the time limits that bind us."""
