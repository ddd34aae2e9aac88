/**
 * What the events say of each asset: its attempts, what it waits for, what was made.
 *
 * The job itself comes from the server, which has the last word on cost and progress. This is the detail that
 * a card or a bar shows, and since it is a fold, any moment of the past is the same code.
 */

/** `{assets: Map(id → asset), title, submitted}` after `events`, which are in order. */
export function fold(events) {
  const story = { assets: new Map(), submitted: null, title: null }
  for (const event of events) apply(story, event)
  return story
}

export function apply(story, event) {
  const { type, data = {}, occurred_at: at } = event
  if (type === 'job.submitted') story.submitted = event
  if (!event.asset) return
  const { id, kind, scene, revision } = event.asset
  const asset = story.assets.get(id) ?? { id, kind, scene, attempts: [], product: null }
  story.assets.set(id, asset)
  const close = (status, more) => {
    const attempt = asset.attempts.at(-1)
    if (attempt) Object.assign(attempt, { endedAt: at, status, end: event, ...more })
  }
  const become = (status, more) => Object.assign(asset, { revision, status, failure: null, retryAt: null, ...more })
  switch (type) {
    case 'asset.requested':
      become('requested', { model: data.model })
      break
    case 'asset.attempt_started':
      become('running', {})
      asset.attempts.push({ number: data.attempt, startedAt: at, endedAt: null, status: 'open', event })
      break
    case 'asset.attempt_failed': {
      const { failure, retry_at: retryAt } = data
      close('failed', { failure, retryAt })
      become('waiting', { failure, retryAt })
      break
    }
    case 'asset.attempt_lost':
      close('lost')
      become('waiting', {})
      break
    case 'asset.generated':
    case 'asset.reused':
      if (type === 'asset.generated') close('succeeded')
      become('generated', { product: event, model: data.model ?? asset.model, reused: type === 'asset.reused' })
      if (kind === 'analysis') story.title = fact(event, 'title') ?? story.title
      break
    case 'asset.failed':
      become('failed', { failure: data.failure ?? asset.failure })
  }
}

/** A fact of what was made: beside the other values, or under `facts`. */
export const fact = (event, name) => event?.data?.[name] ?? event?.data?.facts?.[name] ?? null

/** The asset of a kind (and scene), if it was asked for yet. */
export const assetOf = (story, kind, scene = null) =>
  [...story.assets.values()].find((asset) => asset.kind === kind && (asset.scene ?? null) === scene)
