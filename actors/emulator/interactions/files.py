"""The files that interactions leave: what is known of them, and their bytes."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from actors.emulator import errors as rpc_errors
from actors.emulator.errors import Refused
from actors.emulator.handler import HEADERS, Cut, Emulator, check_key
from actors.emulator.interactions.interaction import InteractionStore, StoredFile

DOWNLOAD = ":download"


class FileHandler:
    """``GET files/{id}`` and ``GET files/{id}:download?alt=media``; errors are in google.rpc's form."""

    def __init__(self, emulator: Emulator, store: InteractionStore) -> None:
        self._emulator = emulator
        self._store = store

    async def get(self, request: Request) -> Response:
        entry = self._emulator.log.begin("GET", request.url.path, None)
        try:
            check_key(request)
            name: str = request.path_params["file"]
            file = self._found(name.removesuffix(DOWNLOAD), request.path_params["version"])
            entry.fault = file.fault.fault if file.fault else None
            if name.endswith(DOWNLOAD):
                if file.meets("download_cut") and self._first(file):
                    entry.status = 0
                    return Cut(request, entry, before_headers=False)
                response = self._download(request, file)
            else:
                state = file.look()
                response = self._emulator.send(file.public(str(request.base_url).rstrip("/"), state))
        except Refused as refused:
            response = self._emulator.send_error(refused.error)
        entry.status = response.status_code
        return response

    def _found(self, name: str, version: str) -> StoredFile:
        file = self._store.find_file(name)
        if file is None or version != "v1beta":
            raise Refused(_forbidden(name))
        return file

    def _first(self, file: StoredFile) -> bool:
        """Whether this download is one of those that the fault strikes."""
        file.downloads += 1
        return file.downloads <= ((file.fault and file.fault.polls) or 1)

    def _download(self, request: Request, file: StoredFile) -> Response:
        if request.query_params.get("alt") != "media":
            raise Refused(rpc_errors.invalid("Downloads need alt=media."))
        if file.meets("download_503") and self._first(file):
            raise Refused(rpc_errors.overloaded())
        if file.state() != "ACTIVE":
            raise Refused(
                rpc_errors.error(
                    400,
                    "FAILED_PRECONDITION",
                    f"The File {file.id} is not in an ACTIVE state and usage is not allowed.",
                )
            )
        return FileResponse(file.path, headers=HEADERS | {"content-type": file.mime})


def _forbidden(name: str) -> rpc_errors.GoogleError:
    """What a file that is not there, or no longer, answers: Google does not tell the two apart."""
    return rpc_errors.error(
        403,
        "PERMISSION_DENIED",
        f"You do not have permission to access the File {name} or it may not exist.",
    )
