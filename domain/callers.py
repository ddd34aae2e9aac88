"""Who asks: each key has a name, which is the caller of all that is asked with it."""

LOCAL = "local"
"""Whoever has the administrator's key, or where none is needed."""
