"""The Interactions API: calls that are accepted first and answered later, their files, and voices."""
