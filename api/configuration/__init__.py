"""What ``settings.py`` reads settings with: ``.env``, conversions of values, and checks of what they name."""
