"""Scripts as people have them: screenplays, dialogue, Markdown, subtitles, pages of the web, plain prose.

``read_script`` gives every character of a script its part: words that are spoken, a direction to whoever
makes the film, the name of a speaker, signs, or what is left out. Each form is a module that claims what it
knows.
"""
