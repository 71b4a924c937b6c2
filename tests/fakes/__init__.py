"""Servers of others, as strict as they are, for tests."""
