"""Files of one's own on their way into a film: whether they can be used there, and fitted to their places."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import file_digest
from typing import Any

from api.cases.callers import LOCAL
from api.cases.content import unavailable_bytes
from api.cases.errors import Faults, FieldError, MissingFileError, Refusal, refuse
from api.cases.files import refused_files
from api.composition import Place, System
from domain.asset import Asset, AssetKey, Provision
from domain.file import LEAST_KEPT, LONGEST_OUTRO_S, File, FileKind
from domain.film import Film
from domain.film_graph import MUSIC
from domain.job import Job
from domain.script import Kind
from domain.script_forms.reading import read_script
from domain.submission import Options, Submission

TAKES = {
    "image": (FileKind.IMAGE,),
    "shot": (FileKind.VIDEO,),
    "narration": (FileKind.AUDIO,),
    "music": (FileKind.AUDIO,),
    "outro": (FileKind.VIDEO, FileKind.IMAGE),
}
"""What kinds of file each kind of asset takes, and the film's ending."""
_AS_LARGE = 0.99
"""Of the pixels that a picture has to show, but for what is lost by rounding."""


def why_unusable(file: File | None, digest: str, kind: str, name: str) -> str | None:
    """What is wrong with this file for an asset of this kind; None where nothing is."""
    if file is None:
        return f"there is no file {digest}; send it to /v1/files first"
    wanted = TAKES[kind]
    return (
        None
        if file.kind in wanted
        else f"the file is of kind {file.kind}; {name} takes one of kind {' or '.join(wanted)}"
    )


def _why_not(
    system: System, submission: Submission, file: File | None, pointer: str, kind: str, digest: str
) -> str | None:
    """What is wrong with one file, where a submission names it."""
    if pointer == "/files/music" and (why := _no_place_for_music(submission)):
        return why
    why = why_unusable(file, digest, kind, pointer.rsplit("/", 1)[1])
    if why is None and kind == "outro" and file is not None and file.kind is FileKind.VIDEO:
        return _why_no_outro(file, *system.film_size(submission.options))
    if (
        why is None
        and pointer.startswith(("/cast", "/files/style"))
        and not system.takes_pictures(submission)
    ):
        model = submission.models.image
        return f"{model} takes no pictures to draw by; name another image model, or leave it out"
    return why


def _why_no_outro(file: File, width: int, height: int) -> str | None:
    """What is wrong with a clip at the end of a film of this size. A picture is shown whole."""
    seconds, own = file.facts["duration_s"], (file.facts["width"], file.facts["height"])
    if seconds > LONGEST_OUTRO_S:
        return f"the clip is {seconds:.0f} s long; an outro may be {LONGEST_OUTRO_S} s long. Cut it"
    ratios = own[0] / own[1], width / height
    kept = min(ratios) / max(ratios)
    if kept < LEAST_KEPT:
        return (
            f"of the clip ({own[0]}x{own[1]}) only {kept:.0%} would be left in a film of {width}x{height}; "
            f"at least {LEAST_KEPT:.0%} must be. Crop it yourself, or take one of another shape"
        )
    return None


def _named(submission: Submission) -> Iterator[tuple[str, str, str]]:
    """Every file that it names: where, as what kind of asset, and its digest."""
    for number, scene in enumerate(submission.scenes or ()):
        for kind in ("image", "shot", "narration"):
            if (digest := getattr(scene, kind)) is not None:
                yield f"/scenes/{number}/{kind}", kind, digest
    for number, member in enumerate(submission.cast):
        if member.image is not None:
            yield f"/cast/{number}/image", "image", member.image
    if submission.files.music is not None:
        yield "/files/music", "music", submission.files.music
    if submission.files.style is not None:
        yield "/files/style", "image", submission.files.style
    if submission.files.logo is not None:
        yield "/files/logo", "image", submission.files.logo
    if submission.files.outro is not None:
        yield "/files/outro", "outro", submission.files.outro


def _no_place_for_music(submission: Submission) -> str | None:
    if not submission.options.has_music:
        return "the options leave music out; set music and include_audio to true"
    if submission.models.music is not None:
        return f"{submission.models.music} would compose the music; name a model or give a file, not both"
    return None


class OpensFilesError(Exception):
    """What is asked for opens files, each in a process of its own, and may not where it is asked for."""


def named_files(
    system: System, submission: Submission, callers: Sequence[str]
) -> tuple[dict[str, File], list[FieldError]]:
    """The files that a submission names, of the first of these callers who has each; and what is wrong."""
    found, faults = {}, list[FieldError]()
    for pointer, kind, digest in _named(submission):
        file = next(filter(None, (system.files.find(caller, digest) for caller in callers)), None)
        why = _why_not(system, submission, file, pointer, kind, digest)
        if why is not None:
            faults.append((FieldError if file else MissingFileError)(pointer, why))
        elif file is not None:
            found[pointer] = file
    return found, faults


def given_at_submit(
    system: System,
    job: Job,
    submission: Submission,
    callers: Sequence[str] = (LOCAL,),
    only: Collection[AssetKey] | None = None,
    *,
    may_open: bool = True,
    dry_run: bool = False,
) -> list[Asset]:
    """The assets of a new job that are files of its submission, unsaved; of these ``only`` some. Blocks.

    Faults where a file is not there, or does not fit; OpensFilesError where there are some, and they may not
    be opened. In a ``dry_run`` nothing is stored.
    """
    files, faults = named_files(system, submission, callers)
    refuse(faults)
    for pointer, file in files.items():
        # Also what is no asset, but is drawn by: from now on the job names it.
        if not system.blobs.keep(file.digest):
            raise _gone(file.digest, pointer)
    given = []
    for key, pointer, place in _places(system, submission):
        if pointer not in files or not (only is None or key in only):
            continue
        if not may_open:
            raise OpensFilesError
        try:
            one = fitted(system, files[pointer], place, pointer=pointer, dry_run=dry_run)
        except Refusal as refusal:
            if refusal.code not in {"file_refused", "file_unsupported"}:
                raise
            faults.append(FieldError(pointer, refusal.detail))
            continue
        given.append(Asset.provide(job.id, key, one, run=job.run, now=system.clock()))
    refuse(faults)
    return given


def larger_files(system: System, source: Film, options: Options) -> dict[AssetKey, File]:
    """The files of those given pictures of which a film with these options can show more. Blocks.

    Those that were made smaller for their film, where the other has its shape and is larger.
    """
    before, now = (system.film_size(each) for each in (source.job.options, options))
    if source.job.options.aspect_ratio != options.aspect_ratio or now <= before:
        return {}
    found = {}
    for key, asset in source.assets.items():
        product = asset.product
        if key.kind is not Kind.IMAGE or product is None or not product.provided:
            continue
        by = product.provenance
        file = system.files.find(by["provided_by"], by["file"]) if "file" in by else None
        if file is None or file.kind is not FileKind.IMAGE:
            continue
        shown = file.facts["width"] * file.facts["height"] * product.facts.get("kept", 0)
        if product.facts["width"] * product.facts["height"] < _AS_LARGE * shown:
            found[key] = file
    return found


def given_larger(
    system: System, job: Job, files: Mapping[AssetKey, File], *, may_open: bool = True, dry_run: bool = False
) -> list[Asset]:
    """These pictures as assets of a new job, unsaved, fitted to its size. Blocks; see `given_at_submit`."""
    if files and not may_open:
        raise OpensFilesError
    width, height = system.film_size(job.options)
    given = []
    for key, file in files.items():
        place = Place(key.kind.value, width, height)
        one = fitted(system, file, place, pointer="/options/resolution", dry_run=dry_run)
        given.append(Asset.provide(job.id, key, one, run=job.run, now=system.clock()))
    return given


def _places(system: System, submission: Submission) -> Iterator[tuple[AssetKey, str, Place]]:
    """The assets that may be given, where the submission names the file of each, and how that has to fit."""
    width, height = system.film_size(submission.options)
    for number, scene in enumerate(submission.scenes or (), 1):
        at = f"/scenes/{number - 1}"
        text = read_script(scene.text, submission.options.script_form).spoken_text
        for kind in (Kind.IMAGE, Kind.SHOT, Kind.NARRATION):
            yield AssetKey(kind, number), f"{at}/{kind}", Place(kind, width, height, text)
        if scene.image is None:
            # Nobody draws what a clip shows.
            yield AssetKey(Kind.IMAGE, number), f"{at}/shot", Place("first_frame", width, height)
    yield MUSIC, "/files/music", Place(Kind.MUSIC)


def _gone(digest: str, pointer: str) -> Faults:
    message = f"the file {digest} is gone, as nothing used it; send it to /v1/files again"
    return Faults("invalid_submission", [MissingFileError(pointer, message)])


def fitted(system: System, file: File, place: Place, *, pointer: str, dry_run: bool = False) -> Provision:
    """The file as it goes into its place; where it is not only a dry run its bytes are stored."""
    with unavailable_bytes():
        if not system.blobs.keep(file.digest):
            raise _gone(file.digest, pointer)
        source, target = system.blobs.path(file.digest), system.blobs.new_file()
    try:
        with refused_files():
            opened = system.opening.fit(source, target, place)
        size = target.stat().st_size
        with unavailable_bytes():
            if not size:  # it fits as it is
                digest, size = file.digest, file.bytes
            elif dry_run:
                with target.open("rb") as made:
                    digest = f"sha256:{file_digest(made, 'sha256').hexdigest()}"
            else:
                digest, size = system.blobs.put_file(target)
    finally:
        system.blobs.discard(target)
    about: dict[str, Any] = {"file": file.digest, "changes": opened.notes}
    return Provision(digest, opened.media_type, size, opened.facts, about, file.caller)
