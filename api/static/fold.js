/**
 * What the events say of each asset: its attempts, what it waits for, what was made.
 *
 * The job itself comes from the server, which has the last word on cost and progress. This is the detail that
 * a card or a row of the waterfall shows, and since it is a fold, any moment of the past is the same code.
 */

/** `{assets: Map(id → asset), title, submitted}` after `events`, which are in order. */
export function fold(events) {
  const story = { assets: new Map(), submitted: null, title: null, first: null, last: null }
  for (const event of events) apply(story, event)
  return story
}

export function apply(story, event) {
  story.first ??= event
  story.last = event
  if (event.type === 'job.submitted') story.submitted = event
  if (!event.asset) return
  const asset = find(story, event)
  const data = event.data ?? {}
  const attempt = asset.attempts.at(-1)
  switch (event.type) {
    case 'asset.requested':
      Object.assign(asset, {
        revision: event.asset.revision, status: 'requested', failure: null, retryAt: null,
        model: data.model ?? null, inputs: data.inputs ?? [], prompt: data.prompt_digest ?? null, requested: event,
      })
      break
    case 'asset.attempt_started':
      Object.assign(asset, { status: 'running', retryAt: null })
      asset.attempts.push({
        number: data.attempt, revision: event.asset.revision, run: event.run, startedAt: event.occurred_at,
        endedAt: null, status: 'open', event, model: data.model ?? asset.model,
      })
      break
    case 'asset.attempt_failed':
      close(attempt, event, 'failed', { failure: data.failure, retryAt: data.retry_at })
      Object.assign(asset, { status: 'waiting', failure: data.failure, retryAt: data.retry_at ?? null })
      break
    case 'asset.attempt_lost':
      close(attempt, event, 'lost', { billed: data.may_have_been_billed })
      Object.assign(asset, { status: 'waiting', lost: true })
      break
    case 'asset.generated':
    case 'asset.reused':
      if (event.type === 'asset.generated') close(attempt, event, 'succeeded', {})
      Object.assign(asset, {
        status: 'generated', revision: event.asset.revision, product: event, failure: null, retryAt: null,
        model: data.model ?? asset.model, reused: event.type === 'asset.reused',
      })
      if (asset.kind === 'analysis') story.title = fact(event, 'title') ?? story.title
      break
    case 'asset.failed':
      Object.assign(asset, { status: 'failed', failure: data.failure ?? asset.failure, retryAt: null })
      break
  }
}

function find(story, event) {
  let asset = story.assets.get(event.asset.id)
  if (!asset) {
    asset = {
      id: event.asset.id, kind: event.asset.kind, scene: event.asset.scene, stage: event.stage,
      revision: event.asset.revision, status: 'requested', attempts: [], product: null, failure: null,
      retryAt: null, model: null, inputs: [], prompt: null,
    }
    story.assets.set(asset.id, asset)
  }
  return asset
}

function close(attempt, event, status, more) {
  if (attempt) Object.assign(attempt, { endedAt: event.occurred_at, status, end: event, ...more })
}

/** A fact of what was made: beside the other values, or under `facts`. */
export const fact = (event, name) => event?.data?.[name] ?? event?.data?.facts?.[name] ?? null

/** The asset of a kind (and scene), if it was asked for yet. */
export function assetOf(story, kind, scene = null) {
  for (const asset of story.assets.values()) {
    if (asset.kind === kind && (asset.scene ?? null) === scene) return asset
  }
  return null
}
