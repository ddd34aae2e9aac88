"""Shots: a picture in which things move, as an mp4 with a sound track that must not be heard."""
