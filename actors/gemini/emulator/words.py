"""Lists of words as they are best read: in running lines."""


def words(text: str) -> list[str]:
    """The words of a text, in order."""
    return text.split()
