"""Who speaks in a film, and in which voice: what the audio planner and the narrator share."""
