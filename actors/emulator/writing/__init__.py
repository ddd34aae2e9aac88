"""How the emulator writes: analyses, storyboards and audio plans made from the words of the script itself."""
