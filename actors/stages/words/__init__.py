"""The words of a film: whose they are, and how they come to be in another language."""
