"""Who asks: each key has a name, and sees its own."""

LOCAL = "local"
"""Whoever has the administrator's key, or where none is needed."""
