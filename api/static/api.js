/** The HTTP API, as DESIGN and /openapi.json describe it. Every error is a `Problem`. */

/** RFC 9457 problem, or what can be said when none came (`status` 0: the server did not answer). */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? `The server answered ${status}`)
    this.status = status
    this.code = body.code
    this.title = body.title
    this.requestId = body.request_id
    this.errors = body.errors ?? []
  }
}

let clockOffset = 0

/** Milliseconds by the server's clock, so that elapsed times are right on a machine whose clock is not. */
export const now = () => Date.now() + clockOffset

async function call(path, { method = 'GET', body, headers = {}, signal } = {}) {
  const options = { method, signal, headers: { Accept: 'application/json', ...headers } }
  if (body !== undefined) {
    options.body = typeof body === 'string' ? body : JSON.stringify(body)
    options.headers['Content-Type'] = 'application/json'
  }
  let response
  try {
    response = await fetch(path, options)
  } catch (error) {
    if (error.name === 'AbortError') throw error
    throw new Problem(0, { title: 'The server does not answer.', code: 'unreachable' })
  }
  const date = Date.parse(response.headers.get('Date') ?? '')
  // The header has whole seconds: a smaller difference says nothing.
  if (date && !response.headers.has('Age')) clockOffset = Math.abs(date - Date.now()) > 2500 ? date - Date.now() : 0
  const isJson = (response.headers.get('Content-Type') ?? '').includes('json')
  const answer = isJson ? await response.json() : { title: `${response.status} ${response.statusText}` }
  if (!response.ok) throw new Problem(response.status, answer)
  return answer
}

/** All of a paged list, page after page. */
async function* pages(path, after, limit = 1000) {
  for (;;) {
    const page = await call(`${path}${path.includes('?') ? '&' : '?'}after=${after}&limit=${limit}`)
    yield page.data
    if (!page.has_more || page.next == null) return
    after = page.next
  }
}

const job = (id) => `/v1/jobs/${encodeURIComponent(id)}`

export const api = {
  /** Says why when it is not ready, so its 503 is an answer too. */
  ready: () => fetch('/readyz').then((response) => response.json()),
  models: () => call('/v1/models'),
  estimate: (body, signal) => call('/v1/estimate', { method: 'POST', body, signal }),
  jobs: ({ status, limit = 50, after } = {}) => {
    const query = new URLSearchParams({ limit })
    if (status) query.set('status', status)
    if (after != null) query.set('after', after)
    return call(`/v1/jobs?${query}`)
  },
  submit: (body, key) => call('/v1/jobs', { method: 'POST', body, headers: { 'Idempotency-Key': key } }),
  job: (id, at) => call(at == null ? job(id) : `${job(id)}?at=${at}`),
  events: (id, after = 0) => pages(`${job(id)}/events`, after),
  assets: (id) => call(`${job(id)}/assets`),
  cancel: (id) => call(`${job(id)}/cancel`, { method: 'POST' }),
  retry: (id) => call(`${job(id)}/retry`, { method: 'POST' }),
}

/** Where an asset's bytes are; with a revision the address never changes its content. */
export const contentUrl = (asset) =>
  `/v1/assets/${encodeURIComponent(asset.id)}/content${asset.revision ? `?revision=${asset.revision}` : ''}`

/** A random key; `crypto.randomUUID` is missing where the page is not served from a secure place. */
export function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID()
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('')
}
