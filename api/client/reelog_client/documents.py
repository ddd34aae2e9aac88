"""The documents of the API, as they come and go as JSON.

Written by ``python -m api.http.openapi.client_types``; edit nothing here.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Union

FileKind = Literal['image', 'video', 'audio']
"""What a file is by what is inside. Whether sound is a voice or music, its use tells."""

JobStatus = Literal['queued', 'running', 'awaiting_review', 'completed', 'failed', 'cancelled']

Kind = Literal['script', 'analysis', 'storyboard', 'image', 'shot', 'audio_plan', 'narration', 'music', 'clip', 'transition', 'soundtrack', 'captions', 'video', 'poster', 'manifest']
"""Every kind of asset, in the order in which a film comes about."""

Stage = Literal['script_writing', 'script_analysis', 'prompt_generation', 'image_generation', 'video_generation', 'audio_planning', 'narration', 'music', 'composition']
"""The public names of the stages, in the order in which they are listed."""


class Alive(TypedDict):
    status: Literal['alive']


class Approve(TypedDict, total=False):
    """How a job that waits for review goes on."""

    max_cost_usd: Union[float, None]
    """A new budget for the whole job; null leaves it as it was"""
    dry_run: bool
    """Only tell what is still to be made, and the price"""


class AsideJob(TypedDict):
    position: int
    """A place in the log: events are counted from 1"""
    type: str
    reason: str
    job_id: str


class AssetAttemptFailed(TypedDict):
    """An event `asset.attempt_failed`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.attempt_failed']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetAttemptFailedData


class _AssetAttemptFailedData(TypedDict):
    attempt: int
    failure: FailureDocument
    retry_at: Union[str, None]
    """When it is tried again; null: not again"""
    usage: Union[dict[str, Any], None]
    """Tokens, as the provider counts them"""
    cost_usd: Union[float, None]
    """null: paid for, and its price is not known"""


class AssetAttemptFailedData(_AssetAttemptFailedData, total=False):
    """What `asset.attempt_failed` says."""

    retry_until: Union[str, None]


class AssetAttemptLost(TypedDict):
    """An event `asset.attempt_lost`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.attempt_lost']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetAttemptLostData


class AssetAttemptLostData(TypedDict):
    """What `asset.attempt_lost` says."""

    attempt: int
    worker: str
    may_have_been_billed: bool


class AssetAttemptResumed(TypedDict):
    """An event `asset.attempt_resumed`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.attempt_resumed']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetAttemptResumedData


class AssetAttemptResumedData(TypedDict):
    """What `asset.attempt_resumed` says."""

    attempt: int
    worker: str


class AssetAttemptStarted(TypedDict):
    """An event `asset.attempt_started`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.attempt_started']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetAttemptStartedData


class AssetAttemptStartedData(TypedDict):
    """What `asset.attempt_started` says."""

    attempt: int
    worker: str
    reserved_usd: Union[float, None]
    """What the call may cost at most"""
    model: Union[str, None]


class AssetCallAccepted(TypedDict):
    """An event `asset.call_accepted`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.call_accepted']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetCallAcceptedData


class AssetCallAcceptedData(TypedDict):
    """What `asset.call_accepted` says."""

    attempt: int
    worker: str
    call_id: str
    """By which the provider knows the call"""
    accepted_at: str
    expires_at: str


class AssetCost(TypedDict):
    usd: float
    """US dollars"""
    reserved_usd: float
    """US dollars"""
    tokens: int
    requests: int
    unpriced: int
    lost_calls: int


class _AssetDocument(TypedDict):
    revision: int
    status: Literal['requested', 'running', 'waiting', 'generated', 'failed', 'withdrawn']
    run: int
    requested_at: str
    made_at: Union[str, None]
    digest: Union[str, None]
    media_type: Union[str, None]
    bytes: Union[int, None]
    facts: dict[str, Any]
    """What was learnt of it: sizes, durations, words"""
    inputs: list[Input]
    recipe: RecipeDocument
    reused_from: Union[Source, None]
    provided: Union[Provided, None]
    provenance: Union[dict[str, Any], None]
    """Provider, model, worker, versions"""
    usage: Union[dict[str, Any], None]
    cost_usd: Union[float, None]
    """null: not made yet, or its price is not known"""
    latency_s: Union[float, None]
    attempts: list[AttemptDocument]
    failure: Union[FailureDocument, None]
    id: str
    job_id: str
    kind: Kind
    scene: Union[int, None]
    beat: int
    """Which of its scene's pictures it is; 1 where there is one"""
    name: str
    stage: Stage
    stale: bool
    """What it uses of what it was made from has changed since"""
    cost: AssetCost
    created_at: str
    pruned_at: Union[str, None]
    """When retention removed its bytes, and its job's texts"""
    position: int
    """A place in the log: events are counted from 1"""
    links: AssetLinks


class AssetDocument(_AssetDocument, total=False):
    """An asset with its latest revision; with all of them where `revisions=all` asks for them."""

    revisions: list[Revision]


class AssetFailed(TypedDict):
    """An event `asset.failed`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.failed']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetFailedData


class AssetFailedData(TypedDict):
    """What `asset.failed` says."""

    failure: FailureDocument


class AssetGenerated(TypedDict):
    """An event `asset.generated`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.generated']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetGeneratedData


class AssetGeneratedData(TypedDict):
    """What `asset.generated` says. Facts, by the kind of the asset, beside."""

    attempt: int
    digest: str
    """Of the bytes"""
    media_type: str
    bytes: int
    usage: Union[dict[str, Any], None]
    """Tokens, as the provider counts them"""
    cost_usd: Union[float, None]
    """null: paid for, and its price is not known"""
    latency_s: float


class AssetLinks(TypedDict):
    self: str
    job: str
    content: Union[str, None]


class AssetList(TypedDict):
    data: list[AssetDocument]
    has_more: bool
    next: Union[int, None]


class AssetProvided(TypedDict):
    """An event `asset.provided`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.provided']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetProvidedData


class AssetProvidedData(TypedDict):
    """What `asset.provided` says. Facts, by the kind of the asset, beside."""

    digest: str
    """Of the bytes"""
    media_type: str
    bytes: int
    source: ProvidedFrom
    caller: str
    """Who gave it"""


class AssetReference(TypedDict):
    id: str
    kind: Kind
    scene: Union[int, None]
    beat: int
    """Which of its scene's pictures it is; 1 where there is one"""
    revision: int


class AssetRequested(TypedDict):
    """An event `asset.requested`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.requested']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetRequestedData


class AssetRequestedData(TypedDict):
    """What `asset.requested` says."""

    inputs: list[Input]
    """What it is made from"""
    model: Union[str, None]
    prompt_digest: Union[str, None]
    prompt_version: Union[str, None]
    parameters: dict[str, Any]
    reservation_usd: Union[float, None]


class AssetReused(TypedDict):
    """An event `asset.reused`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['asset.reused']
    job_id: str
    run: int
    stage: Stage
    asset: AssetReference
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: AssetReusedData


class AssetReusedData(TypedDict):
    """What `asset.reused` says. Facts, by the kind of the asset, beside."""

    inputs: list[Input]
    """What it is made from"""
    model: Union[str, None]
    prompt_digest: Union[str, None]
    prompt_version: Union[str, None]
    parameters: dict[str, Any]
    digest: str
    """Of the bytes"""
    media_type: str
    bytes: int
    source: Source


class AttemptDocument(TypedDict):
    attempt: int
    status: Literal['open', 'failed', 'lost', 'succeeded']
    worker: str
    """Who makes it; of an accepted call whoever went on with it last"""
    started_at: str
    ended_at: Union[str, None]
    reserved_usd: Union[float, None]
    cost_usd: Union[float, None]
    usage: Union[dict[str, Any], None]
    latency_s: Union[float, None]
    failure: Union[FailureDocument, None]
    retry_at: Union[str, None]
    may_have_been_billed: Union[bool, None]
    receipt: Union[ReceiptDocument, None]
    resumes: int
    """How often another worker went on with its accepted call"""


class BatchCost(TypedDict):
    usd: float
    """US dollars"""
    reserved_usd: float
    """What open calls may still cost at most"""
    unpriced: int


class BatchDocument(TypedDict):
    id: str
    status: Literal['queued', 'running', 'awaiting_review', 'completed', 'failed', 'cancelled']
    """`queued` until one has begun, `running` until all have ended, `awaiting_review` where all others wait for that, then `failed` or `cancelled` if one is, else `completed`"""
    counts: dict[str, int]
    """How many of its jobs have which status"""
    created_at: str
    max_cost_usd: Union[float, None]
    cost: BatchCost
    jobs: list[BatchJob]
    """In the order in which they were submitted"""
    links: BatchLinks


class BatchEstimate(TypedDict):
    """What a dry run tells."""

    dry_run: Literal[True]
    max_cost_usd: Union[float, None]
    cost: PriceForecast
    seconds: Union[float, None]
    """Of all, one after the other; null while not known of one"""
    submissions: list[BatchPart]


class BatchJob(TypedDict):
    """A job of a batch, in short."""

    id: str
    status: Literal['queued', 'running', 'awaiting_review', 'completed', 'failed', 'cancelled']
    title: Union[str, None]
    progress: float
    failure: Union[FailureDocument, None]
    metadata: dict[str, Any]
    cost_usd: float
    """US dollars"""
    max_cost_usd: Union[float, None]
    """Its share of the cap, or less if it asked for less"""
    links: BatchJobLinks


class BatchJobLinks(TypedDict):
    self: str
    video: Union[str, None]


class BatchLinks(TypedDict):
    self: str


class BatchPart(TypedDict):
    scenes: int
    images: int
    cost: PriceForecast
    seconds: Union[float, None]
    notices: list[Notice]


class _BatchSubmission(TypedDict):
    submissions: list[dict[str, Any]]
    """As for POST /v1/jobs, less what is common"""


class BatchSubmission(_BatchSubmission, total=False):
    """Many submissions with common values."""

    common: dict[str, Any]
    """Values of all of them; what one of them gives goes before it"""
    max_cost_usd: Union[float, None]
    """All together spend no more than this. Each job gets a share as its own max_cost_usd, by what it is expected to cost"""
    dry_run: bool
    """Only tell what all of them would cost and take"""


class BulkItem(TypedDict):
    """What became of one job."""

    id: str
    outcome: Literal['accepted', 'possible', 'unchanged', 'refused']
    """`possible` is what a dry run tells of one that would be accepted; `unchanged` is one of which it had been asked before, or that needs nothing"""
    cost: Union[PriceForecast, None]
    """What a retry would cost, in a dry run"""
    problem: Union[ProblemInShort, None]
    """Why it is refused"""


class BulkResult(TypedDict):
    """Each job by itself: where one is refused, the others are not undone."""

    dry_run: bool
    data: list[BulkItem]
    accepted: int
    possible: int
    unchanged: int
    refused: int
    cost: PriceForecast
    """Of all of them together, in a dry run"""
    has_more: bool
    """Whether the filter holds for more jobs than were looked at"""
    next: Union[int, None]
    """Give it as `after` for the others"""


class CancelJobs(TypedDict, total=False):
    """Which jobs are to be cancelled: by their ids, or all for which a filter holds."""

    ids: Union[list[str], None]
    filter: Union[Filter, None]
    after: Union[int, None]
    """With a filter: `next` of the answer before, for those that follow"""
    limit: int
    """With a filter: the most jobs of one answer, newest first"""
    dry_run: bool
    """Only tell which jobs, and the price"""


class CastDocument(TypedDict):
    name: str
    version: int
    """Counts what was stored; a job records which it used"""
    created_at: str
    updated_at: str
    links: KeptLinks
    cast: list[CastMember]


class _CastMember(TypedDict):
    name: str
    """As the script calls the character"""


class CastMember(_CastMember, total=False):
    """A character as its author sees it; what is left out the analysis and the audio plan add."""

    look: Union[str, None]
    """What the character looks like; goes before the model's"""
    image: Union[str, None]
    """A picture of the character, by its file's digest: a reference for all pictures"""
    voice: Union[str, None]
    """The character's voice, where the cast speaks"""


class CastPage(TypedDict):
    data: list[CastDocument]
    """By name"""
    has_more: bool


class Changes(TypedDict, total=False):
    """A submission in part: what is left out, or null, stays; null takes a language or a budget away."""

    script: Union[str, None]
    topic: Union[str, Topic, None]
    """What a script is to be written about, in place of the one that is there"""
    language: Union[str, None]
    cast: list[CastMember]
    """Those that are to be others, by name; what is left out of one stays as it is"""
    models: dict[str, Union[str, None]]
    """Those that are to be others; music: null is the synthesiser"""
    options: dict[str, Any]
    """Those that are to be others"""
    max_cost_usd: Union[float, None]
    priority: Union[str, None]
    metadata: Union[dict[str, Any], None]
    prompts: dict[str, str]
    """Prompts of your own, by asset: image:2, storyboard, narration:1 …"""


class DeliveryDocument(TypedDict):
    """One event for one endpoint."""

    id: str
    """The `webhook-id` of each try"""
    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.submitted', 'job.stage_started', 'job.stage_completed', 'job.cancel_requested', 'job.review_requested', 'job.approved', 'job.changed', 'job.completed', 'job.failed', 'job.cancelled', 'job.reopened', 'job.resumed', 'job.renamed', 'job.prune_started', 'job.pruned']
    job_id: str
    status: Literal['pending', 'delivered', 'failed', 'dropped']
    """`dropped`: the endpoint was disabled or removed before"""
    turn: int
    """One more each time that it is sent again by hand"""
    tried: int
    """How often, in this turn"""
    next_try_at: Union[str, None]
    """Null, too, while an earlier one of the job is to be made first"""
    last_try: Union[DeliveryTry, None]
    """What the latest try of this turn came to"""
    created_at: str
    ended_at: Union[str, None]
    links: DeliveryLinks


class DeliveryLinks(TypedDict):
    self: str
    job: str


class DeliveryPage(TypedDict):
    data: list[DeliveryDocument]
    """Newest first"""
    has_more: bool
    next: Union[int, None]
    """Give it as `after` for the next page"""


class DeliveryTry(TypedDict):
    turn: int
    number: int
    at: str
    status: Union[int, None]
    """What it answered; null where no answer came"""
    error: Union[str, None]
    """Why it counts as failed"""
    elapsed_s: float


class DeliveryWithTries(TypedDict):
    id: str
    """The `webhook-id` of each try"""
    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.submitted', 'job.stage_started', 'job.stage_completed', 'job.cancel_requested', 'job.review_requested', 'job.approved', 'job.changed', 'job.completed', 'job.failed', 'job.cancelled', 'job.reopened', 'job.resumed', 'job.renamed', 'job.prune_started', 'job.pruned']
    job_id: str
    status: Literal['pending', 'delivered', 'failed', 'dropped']
    """`dropped`: the endpoint was disabled or removed before"""
    turn: int
    """One more each time that it is sent again by hand"""
    tried: int
    """How often, in this turn"""
    next_try_at: Union[str, None]
    """Null, too, while an earlier one of the job is to be made first"""
    last_try: Union[DeliveryTry, None]
    """What the latest try of this turn came to"""
    created_at: str
    ended_at: Union[str, None]
    links: DeliveryLinks
    tries: list[DeliveryTry]


class EditPreview(TypedDict):
    dry_run: Literal[True]
    reused: list[str]
    redone: list[str]
    cost: PriceForecast
    job_id: str
    edits: list[str]
    """What is another then, in words"""


class EditScenes(TypedDict, total=False):
    """What is to be another in which scenes, and which play in what order."""

    scenes: dict[str, SceneEdit]
    """What is to be another, by the scene's number"""
    order: Union[list[int], None]
    """The numbers of the scenes that play, in order; what is left out is removed"""
    dry_run: bool
    """Only tell what would be made again, and the price"""


class Elapsed(TypedDict):
    """What the time of the latest run went into, up to `since`; from then on it goes into the status."""

    queued_s: float
    """Until its first stage began"""
    running_s: float
    """While it was made"""
    awaiting_review_s: float
    """While it waited for a person"""
    since: Union[str, None]
    """When the present status began; null once the job has ended"""


class Estimate(TypedDict):
    provider: Literal['gemini', 'emulator']
    max_cost_usd: Union[float, None]
    scenes: int
    """Expected from the script's length; the analysis decides"""
    images: int
    """Pictures expected, about one for 7 s; options.max_images limits them"""
    motion: Union[MotionForecast, None]
    """What shots cost, asked for (options.motion) or not; null where there can be none"""
    cost: PriceForecast
    seconds: Union[float, None]
    """From submission to film; null where something was never measured"""
    basis: Literal['measured', 'list']
    """`measured` when calls on record support every stage, else `list`"""
    stages: list[StageForecastDocument]
    script: ScriptReadingDocument
    notices: list[Notice]
    """What a person should know of the script before it is paid for"""


class EventPage(TypedDict):
    data: list[EventDocument]
    has_more: bool
    next: int
    """Give it as `after` to go on, now or later"""
    position: int
    store: str
    """Which store it is: a position means something in one alone"""


class ExplanationDocument(TypedDict):
    """What the Director decides when an event has just happened, from the events until then alone."""

    job_id: str
    at: int
    """A place in the log: events are counted from 1"""
    after: EventDocument
    """The last event of the job until then"""
    decisions: list[str]
    """What is done now, and what everything else waits for, in words"""


class FailedTry(TypedDict):
    at: str
    webhook: str
    delivery: str
    job_id: str
    status: Union[int, None]
    """What the endpoint answered; null: nothing"""
    error: str


class FailureDocument(TypedDict):
    """Why an attempt failed, with everything needed to understand it."""

    code: str
    message: str
    """The provider's own words, secrets removed"""
    retryable: bool
    """Whether another attempt may help"""
    may_have_been_billed: bool
    hint: str
    """What a person can do"""
    stage: Union[str, None]
    asset: Union[str, None]
    attempt: Union[int, None]
    model: Union[str, None]
    http_status: Union[int, None]
    provider_status: Union[str, None]
    finish_reason: Union[str, None]
    response_id: Union[str, None]
    retry_after_s: Union[float, None]
    elapsed_s: Union[float, None]
    prompt_digest: Union[str, None]
    raw_digest: Union[str, None]
    details: dict[str, Any]


class FieldFault(TypedDict):
    """One thing that is wrong with a request."""

    pointer: str
    """JSON pointer into the body; `?name` of a parameter; a header's name"""
    message: str
    """What is there, and what would do"""


class FileDocument(TypedDict):
    """A file as it is kept: cleaned, so that its digest is not that of what was sent."""

    digest: str
    """Of the bytes"""
    kind: FileKind
    """By what is inside; whether sound is a voice or music, its use tells"""
    media_type: str
    bytes: int
    width: Union[int, None]
    height: Union[int, None]
    duration_s: Union[float, None]
    facts: dict[str, Any]
    notes: list[str]
    """What was changed on the way in, such as metadata left out"""
    created_at: str
    links: FileLinks


class FileLinks(TypedDict):
    self: str
    content: str


class Files(TypedDict, total=False):
    """Material of one's own, by the digests of files that were sent before."""

    music: Union[str, None]
    """The digest of a file that was sent to /v1/files: the film's music"""
    style: Union[str, None]
    """So too: a picture in whose style all pictures are drawn"""
    logo: Union[str, None]
    """So too: a picture, transparent where it should be, that stands small in the upper right corner of all scenes"""
    outro: Union[str, None]
    """So too: a clip or a picture that ends the film, after the last scene. A clip is heard with its own sound; under a picture, and under a clip without sound, the music ends"""


class Filter(TypedDict, total=False):
    """Which jobs: those for which all of this is so, as in a list."""

    status: Union[JobStatus, None]
    id: Union[str, None]
    """How ids begin"""
    metadata: dict[str, str]
    caller: Union[str, None]
    model: Union[str, None]
    provider: Union[Literal['gemini', 'emulator'], None]
    created_from: Union[str, None]
    """A day or a time, UTC if it names no zone"""
    created_to: Union[str, None]
    """So too; before it"""
    cost_min: Union[float, None]
    cost_max: Union[float, None]
    q: Union[str, None]
    """Words of title, first words or metadata"""


class Fork(TypedDict, total=False):
    """A new job from a moment of another one."""

    at: Union[int, None]
    """A position of the log; null is now"""
    changes: Changes
    webhook: Union[WebhookRequest, None]
    """An endpoint for the new job alone; that of its source is not told of it"""
    dry_run: bool
    """Only tell what would be kept and redone, and the price"""


class ForkPreview(TypedDict):
    dry_run: Literal[True]
    reused: list[str]
    redone: list[str]
    cost: PriceForecast
    source: str
    at: int
    notices: list[Notice]
    """What a person should know of the script before it is paid for"""


class ForkedFrom(TypedDict):
    """The job that was copied, and as it was when."""

    job_id: str
    position: int


class _GivenScene(TypedDict):
    text: str
    """The words that are spoken in it"""


class GivenScene(_GivenScene, total=False):
    """One scene as its author brings it; what is left out the models add."""

    visual: Union[str, None]
    """What is to be seen; such a scene has one picture. The analysis writes it if null"""
    image: Union[str, None]
    """A picture of your own, by its file's digest"""
    shot: Union[str, None]
    """A clip of your own, by its file's digest"""
    narration: Union[str, None]
    """A voice-over of your own that says the text, by its file's digest"""
    motion: Union[Literal['camera', 'generated'], None]
    """How this scene moves; as options.motion says if null"""


class Health(TypedDict):
    """Of the newest calls on record; those that were cancelled do not count."""

    calls: int
    errors: dict[str, int]
    """How many failed, by failure code"""
    last_success_at: Union[str, None]
    last_error_at: Union[str, None]
    median_latency_s: Union[float, None]


class _Input(TypedDict):
    id: str
    name: str
    revision: int
    digest: str
    """Of the bytes"""


class Input(_Input, total=False):
    """What an asset is made from."""

    parts: dict[str, str]
    """The digests of the parts that are used of a document; missing where the whole is used"""


class JobApproved(TypedDict):
    """An event `job.approved`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.approved']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobApprovedData


class _JobApprovedData(TypedDict):
    review: str
    max_cost_usd: Union[float, None]
    """The budget; null: none, or as it was"""


class JobApprovedData(_JobApprovedData, total=False):
    """What `job.approved` says."""

    traceparent: Union[str, None]


class JobCancelRequested(TypedDict):
    """An event `job.cancel_requested`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.cancel_requested']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobCancelRequestedData


class JobCancelRequestedData(TypedDict, total=False):
    """What `job.cancel_requested` says."""

    pass


class JobCancelled(TypedDict):
    """An event `job.cancelled`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.cancelled']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobCancelledData


class JobCancelledData(TypedDict, total=False):
    """What `job.cancelled` says."""

    pass


class JobChanged(TypedDict):
    """An event `job.changed`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.changed']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobChangedData


class _JobChangedData(TypedDict):
    reason: str


class JobChangedData(_JobChangedData, total=False):
    """What `job.changed` says."""

    traceparent: Union[str, None]


class JobCompleted(TypedDict):
    """An event `job.completed`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.completed']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobCompletedData


class JobCompletedData(TypedDict, total=False):
    """What `job.completed` says."""

    pass


class JobCost(TypedDict):
    usd: float
    """US dollars"""
    unknown_usd: float
    """What was reserved for calls of which nobody knows what they cost; budgets count it, too"""
    reserved_usd: float
    """What open calls may still cost at most"""
    max_usd: Union[float, None]
    tokens: int
    requests: int
    unpriced: int
    lost_calls: int
    """Calls that were never answered and may have been billed"""


class JobDocument(TypedDict):
    """A job as it stands at `position`."""

    id: str
    status: Literal['queued', 'running', 'awaiting_review', 'completed', 'failed', 'cancelled']
    run: int
    """A retry begins the next"""
    title: Union[str, None]
    """As a person named the film, else as its analysis did; null until there is one"""
    text: Union[str, None]
    """The first words of the script, or of what it is to be about"""
    stage: Union[Stage, None]
    progress: float
    """Counted from finished work; never falls within a run"""
    eta_s: Union[float, None]
    """From measured durations; null while they are not known"""
    position: int
    """A place in the log: events are counted from 1"""
    created_at: str
    started_at: Union[str, None]
    finished_at: Union[str, None]
    elapsed: Elapsed
    pruned_at: Union[str, None]
    """When retention removed its texts and files"""
    caller: str
    """The name of the key that it was submitted with; local: the administrator's"""
    trace: TraceState
    provider: Literal['gemini', 'emulator']
    priority: Literal['high', 'normal', 'low']
    language: Union[str, None]
    models: Models
    options: Options
    metadata: dict[str, Any]
    stages: list[StageState]
    scenes: list[SceneState]
    cost: JobCost
    notices: list[Notice]
    """What was told of the script when it was submitted"""
    topic: Union[TopicState, None]
    """On what the script was written; null where it was given"""
    translated_from: Union[str, None]
    """The language of the words that were translated; null where the film is in its own"""
    sources: list[NamedSource]
    """Where a script that was written here has its facts from"""
    failure: Union[FailureDocument, None]
    cancel_requested: bool
    review: Union[Literal['script', 'storyboard', 'narration', 'images'], None]
    links: JobLinks
    set_aside: Union[SetAside, None]
    """An event that cannot be folded: what came before is shown, and nothing is done"""


class JobFailed(TypedDict):
    """An event `job.failed`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.failed']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobFailedData


class JobFailedData(TypedDict):
    """What `job.failed` says."""

    failure: FailureDocument


class JobFields(TypedDict, total=False):
    """Of a job, the fields that `fields` names, as a whole job has them."""

    id: str
    status: Literal['queued', 'running', 'awaiting_review', 'completed', 'failed', 'cancelled']
    run: int
    title: Union[str, None]
    text: Union[str, None]
    stage: Union[Stage, None]
    progress: float
    eta_s: Union[float, None]
    position: int
    created_at: str
    started_at: Union[str, None]
    finished_at: Union[str, None]
    elapsed: Elapsed
    pruned_at: Union[str, None]
    caller: str
    trace: TraceState
    provider: Literal['gemini', 'emulator']
    priority: Literal['high', 'normal', 'low']
    language: Union[str, None]
    models: Models
    options: Options
    metadata: dict[str, Any]
    stages: list[StageState]
    scenes: list[SceneState]
    cost: JobCost
    notices: list[Notice]
    topic: Union[TopicState, None]
    translated_from: Union[str, None]
    sources: list[NamedSource]
    failure: Union[FailureDocument, None]
    cancel_requested: bool
    review: Union[Literal['script', 'storyboard', 'narration', 'images'], None]
    links: JobLinks
    set_aside: Union[SetAside, None]


class JobFieldsPage(TypedDict):
    data: list[JobFields]
    has_more: bool
    next: Union[int, None]
    """Give it as `after` for the next page"""
    position: int
    """Where the page is true"""


class JobLinks(TypedDict):
    self: str
    events: str
    assets: str
    cancel: str
    retry: str
    video: Union[str, None]
    poster: Union[str, None]
    captions: Union[str, None]
    manifest: Union[str, None]


class JobPage(TypedDict):
    data: list[JobDocument]
    has_more: bool
    next: Union[int, None]
    """Give it as `after` for the next page"""
    position: int
    """Where the page is true"""


class JobPruneStarted(TypedDict):
    """An event `job.prune_started`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.prune_started']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobPruneStartedData


class JobPruneStartedData(TypedDict):
    """What `job.prune_started` says."""

    texts: int
    """Events in which markers now stand for texts"""


class JobPruned(TypedDict):
    """An event `job.pruned`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.pruned']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobPrunedData


class JobPrunedData(TypedDict):
    """What `job.pruned` says."""

    removed: list[str]
    """Bytes that are gone"""
    kept: list[str]
    """Bytes that other jobs use, too"""


class JobRenamed(TypedDict):
    """An event `job.renamed`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.renamed']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobRenamedData


class JobRenamedData(TypedDict):
    """What `job.renamed` says."""

    title: Union[str, None]
    caller: str
    """Who gave it"""


class JobReopened(TypedDict):
    """An event `job.reopened`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.reopened']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobReopenedData


class _JobReopenedData(TypedDict):
    reason: str
    max_cost_usd: Union[float, None]
    """The budget; null: none, or as it was"""


class JobReopenedData(_JobReopenedData, total=False):
    """What `job.reopened` says."""

    graph: int
    traceparent: Union[str, None]


class JobResumed(TypedDict):
    """An event `job.resumed`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.resumed']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobResumedData


class JobResumedData(TypedDict):
    """What `job.resumed` says."""

    director: str
    """Which process carries the job on from here"""


class JobReviewRequested(TypedDict):
    """An event `job.review_requested`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.review_requested']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobReviewRequestedData


class JobReviewRequestedData(TypedDict):
    """What `job.review_requested` says."""

    review: str


class JobStageCompleted(TypedDict):
    """An event `job.stage_completed`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.stage_completed']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobStageCompletedData


class JobStageCompletedData(TypedDict):
    """What `job.stage_completed` says."""

    stage: str
    assets: int
    """All of the stage"""
    elapsed_s: float
    """In this run"""
    requests: int
    """In this run"""
    tokens: int
    """In this run"""
    cost_usd: float
    """US dollars, in this run; of version 0.1.0 in all runs"""
    unpriced: int
    """Calls whose price is not known; cost_usd leaves them out"""


class JobStageStarted(TypedDict):
    """An event `job.stage_started`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.stage_started']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobStageStartedData


class JobStageStartedData(TypedDict):
    """What `job.stage_started` says."""

    stage: str


class JobSubmitted(TypedDict):
    """An event `job.submitted`."""

    position: int
    """A place in the log: events are counted from 1"""
    type: Literal['job.submitted']
    job_id: str
    run: int
    stage: Union[Stage, None]
    asset: None
    """An event of the job itself"""
    occurred_at: str
    causation: Union[int, None]
    """The position of the event that caused this one"""
    message: str
    progress: float
    eta_s: Union[float, None]
    data: JobSubmittedData


class _JobSubmittedData(TypedDict):
    script: str
    language: Union[str, None]
    models: Models
    options: Options
    provider: str
    max_cost_usd: Union[float, None]
    """The budget; null: none, or as it was"""
    priority: str
    metadata: dict[str, Any]
    weights: dict[str, Any]
    """By which its progress is counted"""
    forked_from: Union[ForkedFrom, None]


class JobSubmittedData(_JobSubmittedData, total=False):
    """What `job.submitted` says."""

    notices: list[Notice]
    graph: int
    given: Union[dict[str, Any], None]
    caller: str
    traceparent: Union[str, None]


class JobWebhook(TypedDict):
    """The endpoint that a submission, or a fork, named for its job."""

    id: str
    url: str
    events: list[Literal['job.submitted', 'job.stage_started', 'job.stage_completed', 'job.cancel_requested', 'job.review_requested', 'job.approved', 'job.changed', 'job.completed', 'job.failed', 'job.cancelled', 'job.reopened', 'job.resumed', 'job.renamed', 'job.prune_started', 'job.pruned']]
    secret: str
    """The same for the endpoints of all of your jobs"""


class KeptLinks(TypedDict):
    self: str


class KeyDocument(TypedDict):
    name: str
    """The caller of all that is asked with it; `local` is the administrator"""
    scope: Literal['read', 'submit', 'all', 'administrator']
    rate: Union[int, None]
    """Requests a minute"""
    usd_per_day: Union[float, None]
    spent_today_usd: Union[float, None]
    """What its jobs cost that ended today (UTC); null where there is no budget"""
    reserved_usd: Union[float, None]
    """What its unfinished jobs may still cost"""
    left_today_usd: Union[float, None]
    """What the next job may cost"""
    created_at: Union[str, None]
    revoked_at: Union[str, None]
    links: KeyLinks


class KeyLinks(TypedDict):
    self: str


class KeyPage(TypedDict):
    data: list[KeyDocument]
    """By name, those that were revoked among them"""
    has_more: bool


class LinkDocument(TypedDict):
    url: str
    """Under the name by which the server was asked; it is good under its others"""
    expires_at: str
    asset_id: str
    revision: Union[int, None]
    """null: the latest, whenever it is used"""
    media_type: str
    """Of what is there now"""


class LongContextPrice(TypedDict):
    over: int
    """Prompts longer than so many tokens are charged at these rates"""
    input: float
    """US dollars"""
    output: dict[str, float]


class ModelDocument(TypedDict):
    id: str
    kinds: list[Literal['text', 'image', 'speech', 'video', 'music']]
    stages: list[Stage]
    default: bool
    state: str
    note: Union[str, None]
    available: bool
    """Whether it may be asked for now"""
    reason: Union[str, None]
    """Why not"""
    capabilities: dict[str, Any]
    price: Union[PriceDocument, None]
    """null: unpriced, which is not free"""
    health: ModelHealth


class ModelHealth(TypedDict):
    calls: int
    errors: dict[str, int]
    """How many failed, by failure code"""
    last_success_at: Union[str, None]
    last_error_at: Union[str, None]
    median_latency_s: Union[float, None]
    stages: dict[str, Health]
    """The same for each stage that has asked it"""


class ModelList(TypedDict):
    source: Literal['live', 'shipped']
    """The provider's own list, or the shipped one because that could not be had"""
    provider: Literal['gemini', 'emulator']
    sdk: str
    stages: list[StageModels]
    data: list[ModelDocument]
    voices: list[VoiceDocument]


class Models(TypedDict, total=False):
    """The model for each kind of call; a missing one is filled with the shipped default before acceptance."""

    text: str
    """Writes analysis, storyboard, audio plan"""
    image: str
    """Draws the pictures of each scene"""
    speech: str
    """Speaks the narration"""
    video: Union[str, None]
    """Makes shots of the pictures, where options.motion is generated; null is the shipped default (gemini-omni-1.2-flash), and it is asked only then"""
    music: Union[str, None]
    """Composes the music, for its price a song; null is the synthesiser, which costs nothing"""


class MotionForecast(TypedDict):
    """What it costs to have shots made of a film's pictures: in the film's cost where motion is generated."""

    model: str
    shots: int
    cost: PriceForecast


class NamedSource(TypedDict):
    """Where the model that wrote a script says that it has a fact from."""

    fact: str
    source: str
    checked: bool
    """Always false: nothing here has looked it up"""


class _NewKey(TypedDict):
    name: str
    """Whose it is: the caller of all that is asked with it, for ever. Up to 64 letters, digits, dots, dashes and underscores, a letter or digit first; no name is given twice"""
    scope: Literal['read', 'submit', 'all']
    """`read` looks; `submit` makes films, too, and changes them; `all` may delete, too, and have webhooks and batches"""


class NewKey(_NewKey, total=False):
    """A key as it is asked for."""

    rate: Union[int, None]
    """Requests a minute, beyond which it is refused for a while; null is no limit"""
    usd_per_day: Union[float, None]
    """What its jobs may cost a day (UTC). Each gets at most what is left as its max_cost_usd, with what unfinished ones may still cost counted; null is no limit"""


class NewKeyDocument(TypedDict):
    name: str
    """The caller of all that is asked with it; `local` is the administrator"""
    scope: Literal['read', 'submit', 'all', 'administrator']
    rate: Union[int, None]
    """Requests a minute"""
    usd_per_day: Union[float, None]
    spent_today_usd: Union[float, None]
    """What its jobs cost that ended today (UTC); null where there is no budget"""
    reserved_usd: Union[float, None]
    """What its unfinished jobs may still cost"""
    left_today_usd: Union[float, None]
    """What the next job may cost"""
    created_at: Union[str, None]
    revoked_at: Union[str, None]
    links: KeyLinks
    key: str
    """The secret. It is shown this once, and not kept"""
    notice: Union[str, None]
    """What keeps it from counting, if anything does"""


class NewLink(TypedDict, total=False):
    """A link as it is asked for."""

    expires_in_s: int
    """For how many seconds it is good, at most a week"""
    revision: Union[int, None]
    """Always the bytes of this revision; null gives those of the latest whenever it is used"""
    download: bool
    """To be kept as a file named after the film, not shown by the browser"""


class _NextPrice(TypedDict):
    since: str
    input: Union[float, None]
    output: dict[str, float]


class NextPrice(_NextPrice, total=False):
    item: Union[float, None]


class NotSpokenDocument(TypedDict):
    what: str
    """Such as `scene heading`, `link address`, `timestamp`; more may come"""
    count: int
    examples: list[str]
    """The first few, as they stand in the script"""


class Notice(TypedDict):
    """Something that may surprise whoever submits the film, named before anything is paid."""

    code: str
    """`read_as`, `left_out`, `directions_not_spoken`, `brackets_spoken`, `links_shortened`, `markup_spoken`, `addresses_spoken`, `signs_not_drawn`, `facts_not_checked`, `models_not_listed`; more may come"""
    message: str


class Options(TypedDict, total=False):
    """How the film is to be made."""

    aspect_ratio: Literal['16:9', '9:16', '1:1']
    resolution: Literal['720p', '1080p', '2160p']
    """Names the short side"""
    quality: Literal['low', 'medium', 'high']
    """Encoder preset and image size"""
    fps: Literal[24, 25, 30, 60]
    target_duration_s: Union[float, None]
    max_scenes: Union[int, None]
    """The most scenes; null is 12 or, of scenes of your own, as many as they are"""
    max_images: Union[int, None]
    """The most pictures that are drawn; null is one for about 7 s of film. With fewer than max_scenes there are no more scenes than pictures"""
    motion: Literal['camera', 'generated']
    """What moves: the camera over a still picture, or the picture itself, in a shot that a video model makes of it. Shots cost many times what all else does; estimate tells how much"""
    include_audio: bool
    narration: bool
    music: bool
    captions: Literal['burned', 'sidecar', 'none']
    captions_highlight: bool
    """Burned captions show the word that is being spoken in an accent colour"""
    caption_style: Literal['plain', 'card', 'social']
    """How burned captions look: plain letters on a soft glow, on a dark card, or large and bold as social networks show them, with the spoken word in an accent colour"""
    caption_speakers: bool
    """Captions begin with the speaker's name where another speaks: whom the script names or, where the cast speaks, quotes. The file marks each caption with its speaker (WebVTT <v>)"""
    pace: float
    """How fast words are spoken or, without narration, read: 1.25 is a quarter faster. A narration is kept as it was spoken and played at this pace, so that another pace costs nothing"""
    voice: Union[str, None]
    """A voice of the speech model; the audio plan picks one if null"""
    voices: Literal['narrator', 'cast']
    """Who speaks: one narrator all words, or the cast its own lines, each character in one voice over the whole film, where the script names its speakers or quotes them"""
    style: Union[str, None]
    """The look of the pictures, in words"""
    script_form: Literal['auto', 'prose', 'narration', 'dialogue', 'screenplay', 'markdown', 'subtitles', 'html']
    """How the script is read: auto finds out and says so; prose speaks all of it but [[directions]]; the others leave their own signs, directions and speakers' names unspoken"""
    on_lost_call: Literal['retry', 'stop']
    """What to do when a worker died with a call in flight that may have been billed"""
    patience_s: Union[float, None]
    """For how many seconds what costs nothing (an overloaded model, a rate limit, no network) is tried again, from its first failure; null is the server's setting (REELOG_PATIENCE)"""
    review: Union[list[Literal['script', 'storyboard', 'narration', 'images']], None]
    """Where the job waits for approval: once the script is analysed, the storyboard written, all narrations spoken, all images drawn. [] is nowhere; so is null, but on a topic: such a film waits at its script"""


class Part(TypedDict):
    """An asset of a scene, in short."""

    id: str
    status: Literal['pending', 'requested', 'running', 'waiting', 'generated', 'failed', 'withdrawn']
    revision: int


class Picture(TypedDict):
    """One of a scene's pictures."""

    id: str
    status: Literal['pending', 'requested', 'running', 'waiting', 'generated', 'failed', 'withdrawn']
    revision: int
    beat: int


class PingResult(TypedDict):
    """What came of a message that was sent to try an endpoint."""

    delivered: bool
    status: Union[int, None]
    error: Union[str, None]
    elapsed_s: float


class PresetDocument(TypedDict):
    name: str
    version: int
    """Counts what was stored; a job records which it used"""
    created_at: str
    updated_at: str
    links: KeptLinks
    values: dict[str, Any]
    """Values of a submission, as they were stored"""


class PresetPage(TypedDict):
    data: list[PresetDocument]
    """By name"""
    has_more: bool


class PriceDocument(TypedDict):
    """US dollars: for a million tokens, or for an item such as a song."""

    since: str
    input: Union[float, None]
    """null where it is sold by the item"""
    cached_input: Union[float, None]
    output: dict[str, float]
    """By modality: TEXT (thoughts too), IMAGE, AUDIO, VIDEO"""
    item: Union[float, None]
    """For what one call makes, whatever its tokens"""
    per_second: Union[dict[str, float], None]
    """Of video by resolution, at the most: what its tokens come to"""
    long_context: Union[LongContextPrice, None]
    source: str
    next: Union[NextPrice, None]
    """What it will cost, where a change is announced"""


class PriceForecast(TypedDict):
    usd: Union[float, None]
    """Expected; leaves out the unpriced calls, null where there are no others"""
    at_most_usd: Union[float, None]
    """Each call once, every answer as long as it may be, as many scenes and pictures as allowed; null where a model has no known price"""
    unpriced: int
    """Calls to models without a known price"""


class ProblemDocument(TypedDict):
    """An error (RFC 9457). Programs match on `code`; people read `detail` and `errors`."""

    type: str
    """Where the code is explained"""
    title: str
    status: int
    detail: str
    code: str
    request_id: Union[str, None]
    """In the server's log under this id"""
    errors: list[FieldFault]
    """Everything that is wrong, at once"""


class ProblemInShort(TypedDict):
    code: str
    detail: str


class ProjectorState(TypedDict):
    state: Literal['starting', 'waiting', 'projecting', 'retrying', 'stopped', 'ended']
    position: int
    lag_events: int
    """Events in the log that the read models do not hold yet"""
    reason: Union[str, None]
    set_aside: list[AsideJob]
    """Jobs that wait for a person; all others go on"""


class Provide(TypedDict, total=False):
    """What takes the asset's place."""

    file: Union[str, None]
    """The digest of a file that was sent to /v1/files; of all but a script"""
    text: Union[str, None]
    """In place of a file, the words of a script that was written on a topic"""
    dry_run: bool
    """Only tell what would be made again, and the price"""


class ProvidePreview(TypedDict):
    dry_run: Literal[True]
    reused: list[str]
    redone: list[str]
    cost: PriceForecast
    job_id: str
    asset_id: str
    changes: list[str]
    """How the file is fitted to its place, in words"""


class Provided(TypedDict):
    """By whom an asset was given, and from which file."""

    by: str
    file: str
    """Of the bytes"""
    changes: list[str]
    """How the file was fitted to its place, in words"""


class ProvidedFrom(TypedDict):
    """What was given, and how it was fitted to its place."""

    file: str
    """Of the bytes"""
    changes: list[str]


class _Readiness(TypedDict):
    status: Literal['ready', 'not ready']
    provider: Literal['gemini', 'emulator']
    store: Union[str, None]
    """Which store it is; null when it cannot be asked"""


class Readiness(_Readiness, total=False):
    reasons: list[str]
    """What keeps jobs from being accepted"""
    actors: Union[Literal['none', 'starting', 'standing by', 'ready', 'failed', 'stopped'], None]
    database: Union[Literal['sqlite', 'postgresql', 'postgres'], None]
    blobs: Union[Literal['file', 's3', 'gs', 'az'], None]
    """Where bytes are kept"""
    projector: Union[ProjectorState, None]
    webhooks: Union[SenderState, None]
    traces: Union[TracesState, None]
    """Null where no spans are exported"""
    crew: dict[str, Any]
    """Who sits where"""


class ReceiptDocument(TypedDict):
    """Of a call that the provider accepted first and answers later: by its id it is asked for, free."""

    call_id: str
    accepted_at: str
    expires_at: str


class RecipeDocument(TypedDict):
    model: Union[str, None]
    prompt_digest: Union[str, None]
    prompt_version: Union[str, None]
    parameters: dict[str, Any]


class Regenerate(TypedDict, total=False):
    """What is made again."""

    prompt: Union[str, None]
    """Asked for instead of the recorded prompt, which is asked again if null"""
    max_cost_usd: Union[float, None]
    """A new budget for all runs together; null leaves it as it was. Of a job that waits for review it is given with the approval"""
    dry_run: bool
    """Only tell what would be made again, and the price"""


class RegeneratePreview(TypedDict):
    dry_run: Literal[True]
    reused: list[str]
    redone: list[str]
    cost: PriceForecast
    job_id: str
    asset_id: str


class Rename(TypedDict):
    """What a film is called."""

    title: Union[str, None]
    """One line; null, or nothing to be seen: as its analysis calls it"""


class Retry(TypedDict, total=False):
    """How a job goes on."""

    max_cost_usd: Union[float, None]
    """A new budget for all runs together; null leaves it as it was"""
    dry_run: bool
    """Only tell what would be made, and the price"""


class RetryJobs(TypedDict, total=False):
    """Which jobs are to go on: by their ids, or all for which a filter holds."""

    ids: Union[list[str], None]
    filter: Union[Filter, None]
    after: Union[int, None]
    """With a filter: `next` of the answer before, for those that follow"""
    limit: int
    """With a filter: the most jobs of one answer, newest first"""
    dry_run: bool
    """Only tell which jobs, and the price"""
    max_cost_usd: Union[float, None]
    """A new budget of each of them, for all of its runs; null leaves it as it was"""


class RetryPreview(TypedDict):
    dry_run: Literal[True]
    reused: list[str]
    redone: list[str]
    cost: PriceForecast
    job_id: str


class Revision(TypedDict):
    revision: int
    status: Literal['requested', 'running', 'waiting', 'generated', 'failed', 'withdrawn']
    run: int
    requested_at: str
    made_at: Union[str, None]
    digest: Union[str, None]
    media_type: Union[str, None]
    bytes: Union[int, None]
    facts: dict[str, Any]
    """What was learnt of it: sizes, durations, words"""
    inputs: list[Input]
    recipe: RecipeDocument
    reused_from: Union[Source, None]
    provided: Union[Provided, None]
    provenance: Union[dict[str, Any], None]
    """Provider, model, worker, versions"""
    usage: Union[dict[str, Any], None]
    cost_usd: Union[float, None]
    """null: not made yet, or its price is not known"""
    latency_s: Union[float, None]
    attempts: list[AttemptDocument]
    failure: Union[FailureDocument, None]


class SceneEdit(TypedDict, total=False):
    """What is to be another in one scene; what is left out stays."""

    text: Union[str, None]
    """The words that are spoken in it"""
    visual: Union[str, None]
    """What is to be seen; the scene has one picture then, drawn from this"""
    voice: Union[str, None]
    """Who speaks this scene, whoever speaks the others"""


class SceneState(TypedDict):
    scene: int
    text: str
    image: Union[Part, None]
    """The first of its pictures"""
    images: list[Picture]
    """All of its pictures, in the order in which they are seen"""
    shot: Union[Part, None]
    """The first of its shots; null where only the camera moves"""
    shots: list[Picture]
    """One of each picture, where the scene moves"""
    narration: Union[Part, None]
    clip: Union[Part, None]


class ScriptReadingDocument(TypedDict):
    """How the script was understood."""

    form: Literal['prose', 'narration', 'dialogue', 'screenplay', 'markdown', 'subtitles', 'html']
    """As found out, or as `options.script_form` asks"""
    directions: int
    """Headings, actions and notes that a model reads and nobody speaks"""
    speakers: list[SpeakerDocument]
    """Those whom the script names, in their order"""
    not_spoken: list[NotSpokenDocument]


class _SenderState(TypedDict):
    state: Literal['none', 'starting', 'waiting', 'sending', 'retrying', 'ended', 'unknown']
    """`waiting`: another process sends; `retrying`: it failed, and begins anew every second"""
    reason: Union[str, None]


class SenderState(_SenderState, total=False):
    """Who sends webhooks. What is wrong there keeps no jobs from being accepted."""

    lag_events: Union[int, None]
    """Events in the log that it has not looked at; null where this process does not send"""
    pending: Union[int, None]
    """Deliveries that are to be made"""
    failing: Union[int, None]
    """Those of them that were tried in vain"""
    next_try_at: Union[str, None]
    """When the first of them is due"""
    last_failure: Union[FailedTry, None]
    """The latest try that failed"""


class SetAside(TypedDict):
    """Why nothing more is shown of a job."""

    position: int
    """A place in the log: events are counted from 1"""
    type: str
    reason: str


class Source(TypedDict):
    """Whose asset was taken over."""

    job_id: str
    asset_id: str
    revision: int


class SpeakerDocument(TypedDict):
    name: str
    turns: int
    """How often the name stands before words"""


class StageForecastDocument(TypedDict):
    name: Stage
    model: Union[str, None]
    assets: int
    requests: int
    tokens: int
    cost: PriceForecast
    seconds: Union[float, None]
    basis: Union[Literal['measured', 'list'], None]
    """What the tokens rest on; null where the work is done here"""


class StageModels(TypedDict):
    stage: Stage
    kind: Literal['text', 'image', 'speech', 'video', 'music']
    default: Union[str, None]
    models: list[str]
    """Those that would do, the default first"""


class StageState(TypedDict):
    name: Stage
    status: Literal['pending', 'running', 'completed', 'failed', 'stopped', 'skipped']
    assets: Union[int, None]
    """How many it makes; null while that is not known"""
    done: int
    started_at: Union[str, None]
    elapsed_s: Union[float, None]
    requests: int
    tokens: int
    cost_usd: float
    """US dollars"""
    unpriced: int
    """Calls whose price is not known; cost_usd leaves them out"""


class Submission(TypedDict, total=False):
    """A job as it is submitted; only one of ``script``, ``topic`` and ``scenes`` is required."""

    preset: Union[str, None]
    """The name of a preset; what is given beside it goes before it"""
    topic: Union[str, Topic, None]
    """What a script is to be written about, in place of one: text, or with its audience and tone. As long as options.target_duration_s (a minute if null), and in the topic's language if language is null. Unless options.review says otherwise, the job waits for approval of it"""
    script: str
    """The text the film is made from, spoken word for word. What stands in [[double brackets]] on a line of its own is a direction and is not spoken; inside a line the words in such brackets are. Of screenplays, dialogue, Markdown, subtitles and HTML the words are spoken and the signs are not, unless options.script_form is prose; notices say what was left out. Control characters are taken out"""
    language: Union[str, None]
    """BCP 47 tag; found by the analysis if null"""
    models: Models
    options: Options
    files: Files
    scenes: Union[list[GivenScene], None]
    """A storyboard of your own in place of a script. Words, order and what is given stay as they are; the analysis adds what is missing"""
    cast: Union[list[CastMember], str]
    """Characters as you see them; or the name under which a cast is kept"""
    max_cost_usd: Union[float, None]
    """The job stops before it would spend more than this"""
    priority: Literal['high', 'normal', 'low']
    webhook: Union[WebhookRequest, None]
    """An endpoint for this job alone. Its secret, one for all of your jobs, is in the answer"""
    metadata: dict[str, Any]
    """Yours; given back as it was"""
    allow_fallback: bool
    """Must be false: nothing falls back here"""


class _SubmittedJob(TypedDict):
    id: str
    status: Literal['queued', 'running', 'awaiting_review', 'completed', 'failed', 'cancelled']
    run: int
    """A retry begins the next"""
    title: Union[str, None]
    """As a person named the film, else as its analysis did; null until there is one"""
    text: Union[str, None]
    """The first words of the script, or of what it is to be about"""
    stage: Union[Stage, None]
    progress: float
    """Counted from finished work; never falls within a run"""
    eta_s: Union[float, None]
    """From measured durations; null while they are not known"""
    position: int
    """A place in the log: events are counted from 1"""
    created_at: str
    started_at: Union[str, None]
    finished_at: Union[str, None]
    elapsed: Elapsed
    pruned_at: Union[str, None]
    """When retention removed its texts and files"""
    caller: str
    """The name of the key that it was submitted with; local: the administrator's"""
    trace: TraceState
    provider: Literal['gemini', 'emulator']
    priority: Literal['high', 'normal', 'low']
    language: Union[str, None]
    models: Models
    options: Options
    metadata: dict[str, Any]
    stages: list[StageState]
    scenes: list[SceneState]
    cost: JobCost
    notices: list[Notice]
    """What was told of the script when it was submitted"""
    topic: Union[TopicState, None]
    """On what the script was written; null where it was given"""
    translated_from: Union[str, None]
    """The language of the words that were translated; null where the film is in its own"""
    sources: list[NamedSource]
    """Where a script that was written here has its facts from"""
    failure: Union[FailureDocument, None]
    cancel_requested: bool
    review: Union[Literal['script', 'storyboard', 'narration', 'images'], None]
    links: JobLinks
    set_aside: Union[SetAside, None]
    """An event that cannot be folded: what came before is shown, and nothing is done"""


class SubmittedJob(_SubmittedJob, total=False):
    """The job; and its endpoint where the submission, or the fork, named one."""

    webhook: Union[JobWebhook, None]
    """In the answer to its submission or fork alone"""


class _Topic(TypedDict):
    about: str
    """What the film is to be about; points that must occur may be named"""


class Topic(_Topic, total=False):
    """What a script is to be written about, for whom, and how."""

    audience: Union[str, None]
    """For whom it is, such as: children of ten"""
    tone: Union[str, None]
    """How it is to sound, such as: warm and a little funny"""


class TopicState(TypedDict):
    about: str
    audience: Union[str, None]
    tone: Union[str, None]


class TraceState(TypedDict):
    """By which the job's present run is found where traces are kept."""

    trace_id: str
    """Of the `traceparent` that the run was asked for with, or else the job; without one, the job's own id"""
    parent_span_id: Union[str, None]
    """The span of whoever asked for it; null where none was named"""


class TracesState(TypedDict):
    """How spans get to the collector that the settings name; nothing waits for it."""

    state: Literal['starting', 'waiting', 'exporting', 'retrying', 'ended']
    position: Union[int, None]
    """Up to where in the log spans were sent"""
    lag_events: Union[int, None]
    """Events beyond it"""
    reason: Union[str, None]
    """Why the collector does not get them, while it does not"""


class VoiceDocument(TypedDict):
    id: str
    """What options.voice and cast[].voice take"""
    library: bool
    """Of the provider's library; the others every speech model has"""
    character: Union[str, None]
    gender: Union[str, None]
    age: Union[str, None]
    """How old a speaker it suits; null where nothing tells"""
    language: Union[str, None]
    description: Union[str, None]
    models: list[str]
    """The speech models that speak in it, of those that may be asked"""


class WebhookChange(TypedDict, total=False):
    """What is left out stays as it is."""

    url: Union[str, None]
    """As for a new one"""
    events: Union[list[Literal['job.submitted', 'job.stage_started', 'job.stage_completed', 'job.cancel_requested', 'job.review_requested', 'job.approved', 'job.changed', 'job.completed', 'job.failed', 'job.cancelled', 'job.reopened', 'job.resumed', 'job.renamed', 'job.prune_started', 'job.pruned']], None]
    """As for a new one"""
    enabled: Union[bool, None]
    """false: nothing is sent, and what waits is dropped; true: sent from now on"""


class WebhookDocument(TypedDict):
    """An endpoint that is told of jobs."""

    id: str
    url: str
    events: list[Literal['job.submitted', 'job.stage_started', 'job.stage_completed', 'job.cancel_requested', 'job.review_requested', 'job.approved', 'job.changed', 'job.completed', 'job.failed', 'job.cancelled', 'job.reopened', 'job.resumed', 'job.renamed', 'job.prune_started', 'job.pruned']]
    """The types of events that are sent"""
    job_id: Union[str, None]
    """The only job that it is told of; null: all of yours"""
    enabled: bool
    disabled_for: Union[Literal['asked', 'gone'], None]
    """`gone`: it answered 410"""
    created_at: str
    links: WebhookLinks


class WebhookLinks(TypedDict):
    self: str
    deliveries: str


class WebhookPage(TypedDict):
    data: list[WebhookDocument]
    """In the order in which they were added"""
    has_more: bool


class _WebhookRequest(TypedDict):
    url: str
    """https; http and private addresses only where REELOG_WEBHOOK_NETWORKS names them"""


class WebhookRequest(_WebhookRequest, total=False):
    """Where events are sent to, signed."""

    events: list[Literal['job.submitted', 'job.stage_started', 'job.stage_completed', 'job.cancel_requested', 'job.review_requested', 'job.approved', 'job.changed', 'job.completed', 'job.failed', 'job.cancelled', 'job.reopened', 'job.resumed', 'job.renamed', 'job.prune_started', 'job.pruned']]
    """The types of events that are sent"""


class WebhookWithSecret(TypedDict):
    id: str
    url: str
    events: list[Literal['job.submitted', 'job.stage_started', 'job.stage_completed', 'job.cancel_requested', 'job.review_requested', 'job.approved', 'job.changed', 'job.completed', 'job.failed', 'job.cancelled', 'job.reopened', 'job.resumed', 'job.renamed', 'job.prune_started', 'job.pruned']]
    """The types of events that are sent"""
    job_id: Union[str, None]
    """The only job that it is told of; null: all of yours"""
    enabled: bool
    disabled_for: Union[Literal['asked', 'gone'], None]
    """`gone`: it answered 410"""
    created_at: str
    links: WebhookLinks
    secret: str
    """What signatures are checked with; it is shown this once"""

BatchEstimateOrBatch = Union[BatchEstimate, BatchDocument]
"""What all would cost, or the batch that came of the same key and body before."""

EditPreviewOrJob = Union[EditPreview, JobDocument]
"""A dry run's answer; or the job as it is, where nothing had to be begun."""

EventDocument = Union[JobSubmitted, JobStageStarted, JobStageCompleted, JobCancelRequested, JobCompleted, JobFailed, JobCancelled, JobReviewRequested, JobApproved, JobChanged, JobReopened, JobResumed, JobRenamed, JobPruneStarted, JobPruned, AssetRequested, AssetReused, AssetProvided, AssetAttemptStarted, AssetCallAccepted, AssetAttemptResumed, AssetAttemptFailed, AssetAttemptLost, AssetGenerated, AssetFailed]
"""One event; what it says never changes later. The same object in pages and in streams."""

JobOrFields = Union[JobDocument, JobFields]
"""A job, or those of its fields that were asked for."""

JobPageOrFields = Union[JobPage, JobFieldsPage]
"""A page of jobs, or of those of their fields that were asked for."""

PreviewOrJob = Union[ForkPreview, SubmittedJob]
"""A dry run's answer; or the job that came of the same key and body before."""

ProvidePreviewOrJob = Union[ProvidePreview, JobDocument]
"""A dry run's answer; or the job as it is, where nothing had to be begun."""

RegeneratePreviewOrJob = Union[RegeneratePreview, JobDocument]
"""A dry run's answer; or the job whose run was begun for the same key and body before."""

RetryPreviewOrJob = Union[RetryPreview, JobDocument]
"""A dry run's answer; or the job that went on for the same key and body before."""
