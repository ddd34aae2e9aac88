"""What stands behind ``api/cli/main.py``: a module for each family of commands, and what they share.

With ``api.composition`` the only modules of the API that may import actors.
"""
