/** What the events say of each asset. The server has the last word on the job; this is the detail of cards and bars. */

const become = (asset, { asset: { revision } }, status, more) => Object.assign(asset, { revision, status, failure: null, retryAt: null, ...more })
const close = (asset, end, status, more) => Object.assign(asset.attempts.at(-1) ?? {}, { endedAt: end.occurred_at, status, end, ...more })
const made = (asset, product, { model, provided }, reused) => become(asset, product, 'generated', { product, model: model ?? asset.model, reused, provided: Boolean(provided) })
const told = ({ failure, retry_at: retryAt }) => ({ failure, retryAt })

/** What each type of event makes of its asset. */
const STEPS = {
	requested: (asset, event, { model }) => become(asset, event, 'requested', { model, request: event }),
	attempt_started: (asset, event, { attempt }) => {
		become(asset, event, 'running')
		asset.attempts.push({ number: attempt, startedAt: event.occurred_at, endedAt: null, status: 'open', start: event, request: asset.request })
	},
	call_accepted: ({ attempts }, event, { call_id: call }) => Object.assign(attempts.at(-1) ?? {}, { call, acceptedAt: event.occurred_at }),
	attempt_resumed: () => {},
	attempt_failed: (asset, event, data) => {
		close(asset, event, 'failed', told(data))
		become(asset, event, 'waiting', told(data))
	},
	attempt_lost: (asset, event) => {
		close(asset, event, 'lost')
		become(asset, event, 'waiting')
	},
	generated: (asset, event, data) => {
		close(asset, event, 'succeeded')
		made(asset, event, data, false)
	},
	reused: (asset, event, data) => made(asset, event, data, true),
	provided: (asset, event) => become(asset, event, 'generated', { product: event, model: null, reused: false, provided: true }),
	failed: (asset, event, { failure }) => become(asset, event, 'failed', { failure: failure ?? asset.failure }),
}

/** `{assets: Map(id → asset), title, submitted, changed}` after `events`, which are in order. */
export function fold(events) {
	const story = { assets: new Map(), submitted: null, title: null, changed: null }
	for (const event of events) apply(story, event)
	return story
}

export function apply(story, event) {
	const { type, data = {}, asset: of } = event
	if (!of) return applyToJob(story, type, event)
	const { id, kind, scene, beat } = of
	let asset = story.assets.get(id)
	if (!asset) story.assets.set(id, asset = { id, kind, scene, name: `${kind}${scene ? `:${scene}` : ''}${beat > 1 ? `.${beat}` : ''}`, attempts: [], product: null })
	STEPS[type.replace('asset.', '')]?.(asset, event, data)
	if (kind === 'analysis' && asset.product === event) story.title = fact(event, 'title') ?? story.title
}

/** What it was submitted with, and whether it was changed since a person looked at it. */
function applyToJob(story, type, event) {
	if (type === 'job.submitted') story.submitted = event
	if (/^job\.(changed|approved|reopened)$/.test(type)) story.changed = type === 'job.changed'
}

export const fact = (event, name) => event?.data?.[name] ?? event?.data?.facts?.[name] ?? null

export const assetOf = (story, kind, scene = null) =>
	[...story.assets.values()].find((asset) => asset.kind === kind && (asset.scene ?? null) === scene)
