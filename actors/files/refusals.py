"""Why a file is not taken. Without libraries: the process that asks loads nothing that draws or decodes."""


class FileRefusedError(Exception):
    """``code`` is ``unsupported`` (no format that is read here) or ``unfit``; the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def unsupported(message: str) -> FileRefusedError:
    return FileRefusedError("unsupported", message)


def unfit(message: str) -> FileRefusedError:
    return FileRefusedError("unfit", message)
