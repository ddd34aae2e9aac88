/** What the events say of each asset. The server has the last word on the job; this is the detail of cards and bars. */

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
	const { id, kind, scene, beat, revision } = event.asset
	const asset = story.assets.get(id) ?? { id, kind, scene, name: `${kind}${scene ? `:${scene}` : ''}${beat > 1 ? `.${beat}` : ''}`, attempts: [], product: null }
	story.assets.set(id, asset)
	const become = (status, more) => Object.assign(asset, { revision, status, failure: null, retryAt: null, ...more })
	const close = (status, more) => Object.assign(asset.attempts.at(-1) ?? {}, { endedAt: at, status, end: event, ...more })
	const told = { failure: data.failure, retryAt: data.retry_at }
	const made = (reused) => {
		become('generated', { product: event, model: data.model ?? asset.model, reused, provided: Boolean(data.provided) })
		if (kind === 'analysis') story.title = fact(event, 'title') ?? story.title
	}
	const steps = {
		requested: () => become('requested', { model: data.model, request: event }),
		attempt_started() {
			become('running')
			asset.attempts.push({ number: data.attempt, startedAt: at, endedAt: null, status: 'open', start: event, request: asset.request })
		},
		call_accepted: () => Object.assign(asset.attempts.at(-1) ?? {}, { call: data.call_id, acceptedAt: at }),
		attempt_resumed() {},
		attempt_failed() {
			close('failed', told)
			become('waiting', told)
		},
		attempt_lost() {
			close('lost')
			become('waiting')
		},
		generated() {
			close('succeeded')
			made(false)
		},
		reused: () => made(true),
		provided: () => become('generated', { product: event, model: null, reused: false, provided: true }),
		failed: () => become('failed', { failure: data.failure ?? asset.failure }),
	}
	steps[type.replace('asset.', '')]?.()
}

export const fact = (event, name) => event?.data?.[name] ?? event?.data?.facts?.[name] ?? null

export const assetOf = (story, kind, scene = null) =>
	[...story.assets.values()].find((asset) => asset.kind === kind && (asset.scene ?? null) === scene)
