"""Which words call for which picture, mood, hour and weather: what writing and drawing share."""
