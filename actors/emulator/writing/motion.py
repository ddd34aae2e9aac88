"""What moves in a shot, and how the camera follows it, for a storyboard that is asked for motion."""

MOTION_FIELDS = ("motion", "motion_prompt")
