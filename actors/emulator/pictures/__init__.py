"""How the emulator draws: one module for each family of motifs, on a common canvas."""
