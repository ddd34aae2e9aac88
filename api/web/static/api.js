/** The HTTP API, as /openapi.json describes it. Every error is a `Problem`. */

/** Where the server's addresses begin: under a path of its own behind a proxy that shows it so. */
export const ROOT = new URL('..', import.meta.url).pathname.slice(0, -1)

/** RFC 9457 problem, or what can be said when none came (`status` 0: the server did not answer). */
export class Problem extends Error {
	constructor(status, { detail, title, code, errors = [] }) {
		super(detail ?? title ?? `The server answered ${status}`)
		Object.assign(this, { status, code, errors })
	}
}

let clockOffset = 0

/** By the server's clock, as this machine's may be wrong. */
export const now = () => Date.now() + clockOffset

async function call(path, { body, method = body === undefined ? 'GET' : 'POST', key, signal } = {}) {
	const headers = {}
	if (body !== undefined) headers['Content-Type'] = 'application/json'
	if (key) headers['Idempotency-Key'] = key
	const response = await fetch(ROOT + path, { method, signal, headers, body: typeof body === 'object' ? JSON.stringify(body) : body }).catch((error) => {
		throw error.name === 'AbortError' ? error : new Problem(0, { title: 'The server does not answer.' })
	})
	// The cookie is no longer good. The fragment stays, so one comes back to the same view.
	if (response.status === 401) {
		location.assign(`${ROOT}/login${location.hash}`)
		return new Promise(() => {})
	}
	const date = Date.parse(response.headers.get('Date'))
	// The header has whole seconds: a smaller difference says nothing.
	if (date && !response.headers.has('Age')) clockOffset = Math.abs(date - Date.now()) > 2500 ? date - Date.now() : 0
	const isJson = response.headers.get('Content-Type')?.includes('json')
	const answer = await (isJson ? response.json() : response.text())
	if (!response.ok) throw new Problem(response.status, isJson ? answer : {})
	return answer
}

async function* pages(path, limit, after) {
	for (;;) {
		const page = await call(`${path}?limit=${limit}${after == null ? '' : `&after=${after}`}`)
		yield page.data
		if (!page.has_more) return
		after = page.next
	}
}

const job = (id) => `/v1/jobs/${encodeURIComponent(id)}`
const asset = (id) => `/v1/assets/${encodeURIComponent(id)}`

export const api = {
	/** Says why when it is not ready, so its 503 is an answer too. */
	ready: () => fetch(`${ROOT}/readyz`).then((response) => response.json()),
	models: () => call('/v1/models'),
	estimate: (body, signal) => call('/v1/estimate', { body, signal }),
	jobs: (query) => call(`/v1/jobs?${new URLSearchParams(query)}`),
	everyJob: () => pages('/v1/jobs', 200),
	submit: (body, key) => call('/v1/jobs', { body, key }),
	job: (id, at) => call(at == null ? job(id) : `${job(id)}?at=${at}`),
	explain: (id, at) => call(`${job(id)}/explain?at=${at}`),
	events: (id, after) => pages(`${job(id)}/events`, 1000, after),
	since: (position) => call(`/v1/events?limit=1&after=${position}`),
	assets: (id) => call(`${job(id)}/assets`).then(({ data }) => data),
	asset: (id) => call(asset(id)),
	paper: (id, digest) => call(`${asset(id)}/blobs/${digest}`),
	cancel: (id) => call(`${job(id)}/cancel`, { method: 'POST' }),
	approve: (id, body, key) => call(`${job(id)}/approve`, { body, key }),
	retry: (id, body, key) => call(`${job(id)}/retry`, { body, key }),
	editScenes: (id, body, key) => call(`${job(id)}/scenes`, { method: 'PATCH', body, key }),
	fork: (id, body, key) => call(`${job(id)}/fork`, { body, key }),
	regenerate: (id, body, key) => call(`${asset(id)}/regenerate`, { body, key }),
}

export const contentUrl = ({ id, revision }) => `${ROOT}${asset(id)}/content${revision ? `?revision=${revision}` : ''}`

/** `crypto.randomUUID` needs a secure place. */
export const randomKey = () => crypto.getRandomValues(new Uint32Array(4)).join('-')
