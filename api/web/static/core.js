/**
 * What every view needs, in one file, as each file is a round trip for whoever opens the page from afar: the HTTP API,
 * what is drawn and how it is changed, how things are said, and the controls of forms. What one view alone needs stands with it.
 */

// ---- the HTTP API, as /openapi.json describes it; every error is a `Problem`

/** Where the server's addresses begin: under a path of its own behind a proxy that shows it so. */
export const ROOT = new URL('..', import.meta.url).pathname.slice(0, -1)

/** RFC 9457 problem, or what can be said when none came (`status` 0: the server did not answer). */
export class Problem extends Error {
	constructor(status, { detail, title, code, errors = [] }, retryAfter) {
		super(detail ?? title ?? `The server answered ${status}.`)
		Object.assign(this, { status, code, errors, retryAfter })
	}
}

/** Whether the same may do when it is asked again, and after how many ms. */
export const isTransient = ({ status }) => [0, 401, 429].includes(status) || status >= 500
export const retryDelay = ({ retryAfter }) => (Number(retryAfter) || 5) * 1000

let clockOffset = 0

/** By the server's clock, as this machine's may be wrong. */
export const now = () => Date.now() + clockOffset

const reach = (path, how) => fetch(ROOT + path, how).catch((error) => {
	throw error.name === 'AbortError' ? error : new Problem(0, { title: 'The server does not answer.' })
})

export async function call(path, { body, method = body === undefined ? 'GET' : 'POST', key, signal } = {}) {
	const headers = {}
	if (body !== undefined) headers['Content-Type'] = 'application/json'
	if (key) headers['Idempotency-Key'] = key
	const response = await reach(path, { method, signal, headers, body: typeof body === 'object' ? JSON.stringify(body) : body })
	// The cookie is no longer good. The fragment stays, so one comes back to the same view.
	if (response.status === 401) {
		// Whoever is writing in a dialog is told instead, as that would be lost.
		if (document.querySelector('dialog[open] form')) {
			dispatchEvent(new Event('signed-out'))
			throw new Problem(401, { title: 'You are signed out.' })
		}
		location.assign(`${ROOT}/login${location.hash}`)
		return new Promise(() => {})
	}
	const date = Date.parse(response.headers.get('Date'))
	// The header has whole seconds: a smaller difference says nothing.
	if (date && !response.headers.has('Age')) clockOffset = Math.abs(date - Date.now()) > 2500 ? date - Date.now() : 0
	const isJson = response.headers.get('Content-Type')?.includes('json')
	const answer = await (isJson ? response.json() : response.text())
	if (!response.ok) throw new Problem(response.status, isJson ? answer : {}, response.headers.get('Retry-After'))
	return answer
}

/**
 * What makes a new film is sent with a key that is kept until there is an answer: the same request again (an impatient
 * click, an answer lost on the way, the page loaded anew between) is the same film.
 */
async function submit(path, body) {
	const slot = `reelog-unanswered ${path}`
	const text = JSON.stringify(body)
	const [sent, kept] = JSON.parse(sessionStorage.getItem(slot)) ?? []
	const key = sent === text ? kept : randomKey()
	const unanswered = JSON.stringify([text, key])
	const forget = () => sessionStorage.getItem(slot) === unanswered && sessionStorage.removeItem(slot)
	sessionStorage.setItem(slot, unanswered)
	try {
		const answer = await call(path, { body: text, key })
		forget()
		return answer
	} catch (problem) {
		// Refused: nothing was made. Of anything else, that cannot be told.
		if (problem.status >= 400 && problem.status < 500) forget()
		throw problem
	}
}

async function* pages(path, limit, after) {
	for (;;) {
		const page = await call(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${after == null ? '' : `&after=${after}`}`)
		yield page.data
		if (!page.has_more) return
		after = page.next
	}
}

const job = (id) => `/v1/jobs/${encodeURIComponent(id)}`
const asset = (id) => `/v1/assets/${encodeURIComponent(id)}`

/** Of some films, ids with commas between them, or of `all`. */
export const eventsPath = (after, jobs) => `/v1/events?after=${after}${jobs === 'all' ? '' : `&jobs=${jobs}`}`

/** Set where the page began anew as the record is another one. */
export const ANEW = `reelog-anew${ROOT}`

export const api = {
	/** Says why when it is not ready, so its 503 is an answer too, unless it is one of a server that answers nothing. */
	ready: async () => {
		const response = await reach('/readyz')
		const told = await response.json().catch(() => ({ code: 'unreadable' }))
		if (told.code) throw new Problem(response.status, told, response.headers.get('Retry-After'))
		return told
	},
	models: () => call('/v1/models'),
	estimate: (body, signal) => call('/v1/estimate', { body, signal }),
	jobs: (query) => call(`/v1/jobs?${new URLSearchParams(query)}`),
	everyJob: () => pages('/v1/jobs?fields=id,created_at,cost', 200),
	everyQueued: () => pages('/v1/jobs?status=queued&fields=id,priority,created_at', 1000),
	submit: (body) => submit('/v1/jobs', body),
	job: (id, at) => call(at == null ? job(id) : `${job(id)}?at=${at}`),
	explain: (id, at) => call(`${job(id)}/explain?at=${at}`),
	events: (id, after) => pages(`${job(id)}/events`, 1000, after),
	since: (position, jobs) => call(`${eventsPath(position, jobs)}&limit=1`),
	assets: (id) => call(`${job(id)}/assets`).then(({ data }) => data),
	asset: (id) => call(asset(id)),
	content: async ({ id, product }) => call(`${asset(id)}/content?revision=${product.asset.revision}`),
	paper: (id, digest) => call(`${asset(id)}/blobs/${digest}`),
	remove: (id) => call(job(id), { method: 'DELETE' }),
	rename: (id, title) => call(job(id), { method: 'PATCH', body: { title } }),
	cancel: (id) => call(`${job(id)}/cancel`, { method: 'POST' }),
	approve: (id, body, key) => call(`${job(id)}/approve`, { body, key }),
	retry: (id, body, key) => call(`${job(id)}/retry`, { body, key }),
	fork: (id, body) => (body.dry_run ? call(`${job(id)}/fork`, { body }) : submit(`${job(id)}/fork`, body)),
	regenerate: (id, body, key) => call(`${asset(id)}/regenerate`, { body, key }),
	provide: (id, body, key) => call(asset(id), { method: 'PUT', body, key }),
	scenes: (id, body, key) => call(`${job(id)}/scenes`, { method: 'PATCH', body, key }),
	presets: () => call('/v1/presets').then(({ data }) => data),
	casts: () => call('/v1/casts').then(({ data }) => data),
	keepPreset: (name, body) => call(`/v1/presets/${encodeURIComponent(name)}`, { method: 'PUT', body }),
}

export const contentUrl = ({ id, revision }) => `${ROOT}${asset(id)}/content${revision ? `?revision=${revision}` : ''}`

/** `crypto.randomUUID` needs a secure place. */
export const randomKey = () => crypto.getRandomValues(new Uint32Array(4)).join('-')

// ---- drawing: a view says what it wants to be (`h`), and `render` changes no more than differs, as assistive tools hear every
// write, and films that play must not begin anew; text goes in as text, so nothing said is ever markup

const SVG = 'http://www.w3.org/2000/svg'
const PROPERTIES = new Set(['value', 'muted'])
const OURS = new Set(['key', 'memo'])

/** `h('p.hint', {title}, 'Text')`: `key` tells siblings apart that may move; while `memo` is what it was nothing is looked at. */
export function h(name, props, ...children) {
	const [tag, ...classes] = name.split('.')
	const given = props?.constructor === Object && !props.tag
	return {
		tag, children: given ? children : [props, ...children],
		props: { class: classes.join(' ') || null, ...(given && props) },
	}
}

/**
 * Each with what it is known by: its key, or its place. Those left out keep theirs, and a list within is one place however
 * long it is, so that others stay who they are.
 */
const named = (children, list = '') => children.flatMap((child, index) => {
	const place = `${list}.${index}`
	if (Array.isArray(child)) return named(child, place)
	return child == null || child === false ? [] : [[`${child.tag} ${child.props?.key ?? place}`, child]]
})

export function render(parent, ...children) {
	const before = parent.rendered ?? new Map()
	const wanted = named(children)
	parent.rendered = new Map(wanted.map(([key, { tag }]) => [key, before.get(key) ?? create(tag)]))
	for (const [key, node] of before) if (!parent.rendered.has(key)) node.remove()
	let next = parent.firstChild
	for (const [key, child] of wanted) {
		const node = parent.rendered.get(key)
		if (child.tag) update(node, child)
		else say(node, child)
		if (node === next) next = next.nextSibling
		else parent.insertBefore(node, next)
	}
}

function create(tag) {
	if (!tag) return document.createTextNode('')
	return ['svg', 'path'].includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag)
}

function update(node, { props, children }) {
	const before = node.props ?? {}
	if (props.memo !== undefined && props.memo === before.memo) return
	node.props = props
	render(node, ...children.map((child) => (typeof child === 'function' ? child() : child)))
	for (const name of Object.keys({ ...before, ...props })) {
		const value = props[name]
		// A listener that gives back false would undo what the browser does by itself.
		if (name.startsWith('on')) node[name] = (event) => void value(event)
		else if (name === 'style') for (const [key, one] of Object.entries(value ?? {})) before.style?.[key] === one || (node.style[key] = one)
		else if (PROPERTIES.has(name)) String(node[name]) === String(value) || (node[name] = value)
		else if (value === before[name] || OURS.has(name)) continue
		else if (value == null || value === false) node.removeAttribute(name)
		else node.setAttribute(name, value === true ? '' : value)
	}
}

export function say(node, text) {
	const wanted = String(text ?? '')
	if (node.textContent !== wanted) node.textContent = wanted
}

export const button = (label, onclick, props) => h('button.quiet', { type: 'button', onclick, ...props }, label)

export function part(title, ...children) {
	const id = title.toLowerCase()
	return h('section', { 'aria-labelledby': id }, h('h2', { id }, title), children)
}

export const headline = (...words) => h('h1', { tabindex: -1, dir: 'auto' }, words)

export const table = (label, names, ...rows) => h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': label },
	h('table', h('thead', h('tr', names.map((name) => h('th', { scope: 'col' }, name)))), h('tbody', rows)))

export const facts = (rows) => h('dl.facts', rows.map(([name, value]) => h('div', h('dt', name), h('dd', { dir: 'auto' }, value))))

export const complaint = (problem) => h('p.problem', { role: 'alert', dir: 'auto', hidden: !problem },
	problem && [...new Set([problem, ...problem.errors ?? []].map(({ message }) => message))].join(' '),
	problem?.status === 401 && [' What you wrote is still here: ', h('a', { href: `${ROOT}/login`, target: '_blank' }, 'sign in beside this page'), ' and go on.'])

/** Beside why there is nothing to show yet; who asks at once and is answered goes on from the heading. */
export const askedAgain = (problem, ask) => problem && isTransient(problem) && h('div.actions', h('span', 'It is asked for again by itself.'),
	button('Try again', ({ currentTarget: it }) => {
		if (it.ariaBusy) return
		it.ariaBusy = true
		ask().then(() => {
			it.ariaBusy = null
			if (document.activeElement === document.body) document.querySelector('main h1').focus()
		})
	}))

const PATHS = {
	check: 'M4 10.5 8 14.5 16 5.5',
	cross: 'M5 5 15 15 M15 5 5 15',
	wait: 'M10 5v5l3 2 M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15',
	play: 'M6.5 4v12l10-6z',
	pause: 'M6 4v12 M14 4v12',
	alert: 'M10 3 18 17H2z M10 8v4 M10 14.4v.2',
	down: 'M10 3v10 M5.5 9 10 13.5 14.5 9 M4 17h12',
}

export const icon = (name) => h('svg', { viewBox: '0 0 20 20', class: `icon icon-${name}`, 'aria-hidden': 'true' }, h('path', { d: PATHS[name] }))

const SIGNS = { completed: 'check', failed: 'alert', cancelled: 'cross', queued: 'wait', awaiting_review: 'wait', waiting: 'wait' }
export const sign = (status) => SIGNS[status] && icon(SIGNS[status])

export async function copy(text, button) {
	const label = button.textContent
	// Where the page is not from a secure place, browsers let people copy by hand only.
	if (!navigator.clipboard) return prompt(label, text)
	await navigator.clipboard.writeText(text)
	say(button.firstChild, 'Copied')
	setTimeout(() => say(button.firstChild, label), 1600)
}

export const announce = (text) => say(document.getElementById('announcer'), text)

// ---- how numbers, times and names are said: one way each

const STAGES = {
	script_writing: ['Script', 'Writing the script'],
	script_analysis: ['Script analysis', 'Reading the script'],
	prompt_generation: ['Storyboard', 'Planning the pictures'],
	image_generation: ['Images', 'Drawing the pictures'],
	video_generation: ['Shots', 'Filming the shots'],
	audio_planning: ['Audio plan', 'Planning the sound'],
	narration: ['Narration', 'Speaking the narration'],
	music: ['Music', 'Composing the music'],
	composition: ['Composition', 'Editing the film'],
}
const STATUS = { running: 'In the making', completed: 'Finished', awaiting_review: 'Waiting for you' }

export const sentence = (name) => String(name ?? '').replaceAll('_', ' ').replace(/^./u, (first) => first.toUpperCase())
export const stageName = (name) => STAGES[name]?.[0] ?? sentence(name)
export const stageDoing = (name) => STAGES[name]?.[1] ?? sentence(name)
export const statusName = (status) => STATUS[status] ?? sentence(status)
export const ended = (status) => ['completed', 'failed', 'cancelled'].includes(status)

export const filmName = ({ pruned_at: gone, title, text, scenes }) => (gone ? `Removed on ${day(gone)}` : title ?? text ?? scenes?.[0]?.text ?? 'A film without a name yet')

export const dots = (...parts) => parts.filter(Boolean).join(' · ')

export function assetName(asset) {
	const [kind, place] = (asset.name ?? asset).split(':')
	return place ? `Scene ${place} ${kind}` : sentence(kind)
}

export const between = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000

/** Seconds of a film's latest run for which it had a status; what lasts is counted until `moment`. Read models that an older version made do not tell. */
export const spentIn = ({ elapsed, status }, name, moment) => elapsed && elapsed[`${name}_s`] + (status === name && elapsed.since ? Math.max(0, between(elapsed.since, moment)) : 0)

const two = (count) => String(Math.floor(count)).padStart(2, '0')

/** As `duration` and `roughly` of the commands (`api/durations.py`): the same of the same time. */
export function duration(seconds) {
	if (!Number.isFinite(seconds)) return '–'
	const tenths = Math.max(0, Math.round(seconds * 10))
	if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`
	const s = Math.round(seconds)
	if (s < 60) return `${s} s`
	if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`
	return s < 86400 ? `${Math.floor(s / 3600)} h ${two(s % 3600 / 60)} min` : `${Math.floor(s / 86400)} d ${Math.floor(s % 86400 / 3600)} h`
}

export function roughly(seconds) {
	if (seconds == null) return null
	if (seconds < 90) return `about ${seconds < 10 ? Math.ceil(seconds) : Math.ceil(seconds / 5) * 5} s`
	return seconds < 5400 ? `about ${Math.round(seconds / 60)} min` : `about ${(Math.round(seconds / 3600 * 10) / 10).toFixed(1)} h`
}

export const clock = (seconds) => `${Math.floor(seconds / 60)}:${two(seconds % 60)}`

/** US dollars, finer below ten cents; null is a price nobody knows. */
export const money = (usd) => (usd == null ? 'unpriced' : usd === 0 ? '$0' : `$${usd.toFixed(usd < 0.1 ? 4 : 2)}`)

export const spent = ({ usd, max_usd: most, unpriced }) => `${money(usd)}${most == null ? '' : ` of ${money(most)}`}${unpriced ? ` + ${unpriced} unpriced` : ''}`

export function forecast({ usd, at_most_usd: most, unpriced }) {
	if (usd == null) return 'price unknown'
	return [`about ${money(usd)}`, most != null && `at most ${money(most)}`, unpriced && `and ${plural(unpriced, 'call')} whose price is unknown`].filter(Boolean).join(', ')
}

export const bytes = (count) => (count < 1e6 ? `${Math.ceil(count / 1e3)} kB` : `${(count / 1e6).toFixed(1)} MB`)

/** Rounded down: 100 % is said only when it is true. */
export const percent = (share) => `${Math.floor((share ?? 0) * 100 + 1e-9)} %`
export const integer = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ',')
export const plural = (count, one) => `${integer(count)} ${one}${count === 1 ? '' : 's'}`

export const isToday = (iso) => new Date(iso).toDateString() === new Date().toDateString()

export const time = (iso) => new Date(iso).toLocaleString([], { timeStyle: 'short', dateStyle: isToday(iso) ? undefined : 'medium' })

export const day = (iso) => new Date(iso).toLocaleDateString([], { dateStyle: 'medium' })

export const exactTime = (iso) => new Date(iso).toLocaleTimeString()

// ---- controls of forms: each is named by the place of its value in the request, as the server's objections are

const objection = (name) => h('p.error', { id: `${name}-error`, dir: 'auto', hidden: true })

/** Its id is its name, unless it has one of its own, as where a dialog over it may ask for the same. */
export function field(name, label, control, ...hint) {
	const { id = name } = control.props
	Object.assign(control.props, { id, name, 'aria-describedby': `${id}-hint ${id}-error` })
	return h('div.field', h('label', { for: id }, label), control, h('p.hint', { id: `${id}-hint` }, hint), objection(id))
}

const errorOf = ({ id, name }) => document.getElementById(`${id || name}-error`)

export const choices = (name, legend, values) => h('fieldset.field', h('legend', legend), h('div.choices',
	values.map(([value, label, shape], index) => h('label.option',
		h('input', { type: 'radio', name, value, checked: index === 0, 'aria-describedby': `${name}-error` }), shape, h('span', label)))), objection(name))

/** Choices as `value` or `[value, label]`; the first is as usual, so it has no value. */
export const select = (usual, ...others) => h('select', h('option', { value: '' }, usual),
	// Each is itself, so that what was chosen stays so where others come before it.
	others.map((other) => [other].flat()).map(([value, label = value]) => h('option', { key: value, value }, label)))

export const number = (props) => h('input', { type: 'number', inputmode: 'decimal', ...props })

/** As it is sent: of a choice the value that `h` was given, so a number is a number, and a name that looks like one is a name. */
export function read(form) {
	const body = {}
	for (const control of form.elements) {
		const { name, type, value, checked, disabled } = control
		if (!name || disabled) continue
		const ticks = type === 'checkbox' || type === 'radio'
		if (ticks ? checked === control.defaultChecked || (type === 'radio' && !checked) : !value.trim() || (type === 'textarea' && value === control.defaultValue)) continue
		const path = name.split('/').slice(1)
		const own = path.pop()
		const place = path.reduce((part, key) => (part[key] ??= {}), body)
		place[own] = type === 'select-one' ? control.selectedOptions[0].props.value : type === 'checkbox' ? checked : type === 'number' ? +value : type === 'textarea' ? value : value.trim()
	}
	return body
}

/** Whether all of a form can be read. What a browser cannot take for a number has no value and would count as not given, so it is objected to. */
export function readable(form, focus) {
	const errors = [...form.elements].filter(({ disabled, validity }) => !disabled && validity?.badInput).map(({ name }) => ({ pointer: name, message: 'A number, please.' }))
	if (errors.length > 0) object(form, { errors }, focus)
	return errors.length === 0
}

document.addEventListener('submit', (event) => {
	if (readable(event.target)) return
	event.preventDefault()
	event.stopPropagation()
}, true)

export function mend({ form, name }) {
	for (const control of form.elements) {
		if (control.name !== name) continue
		if (control.ariaInvalid) errorOf(control).hidden = true
		control.removeAttribute('aria-invalid')
	}
}

const PLAIN = [
	[/ is missing and must be given$/, 'Please fill this in.'], [/.* is empty; /s, 'This is empty: '],
	[/.*; it should be less than or equal to (.*)/s, 'At most $1, please.'], [/.*; it should be greater than or equal to (.*)/s, 'At least $1, please.'],
	[/.*; it should be greater than (.*)/s, 'More than $1, please.'], [/^[\w.]+ is (".*?"|\S+): (.)/s, (_, value, first) => first.toUpperCase()], [/^[\w.]+ (is|has) /, 'This $1 '],
]

/** The label says which field it is; its name in the request is for programs, and so are those of others that it speaks of. */
export function plainly(words, form) {
	const [pattern, instead] = PLAIN.find(([pattern]) => pattern.test(words)) ?? [/^/, '']
	return words.replace(pattern, instead).replace(/\b[a-z]+(_[a-z]+)+\b/g, (name) => {
		const control = form.querySelector(`[name$="/${name}"]`)
		const label = control?.closest('fieldset')?.querySelector('legend') ?? control?.labels[0]
		return label ? `“${label.textContent}”` : name
	})
}

/** What has no field is given back as a problem. `focus`: not where somebody may be writing elsewhere meanwhile. */
export function object(form, { status, message, errors = [] }, focus = true) {
	for (const control of form.querySelectorAll('[aria-invalid]')) mend(control)
	const homeless = []
	for (const { pointer, message: words } of errors) {
		const path = String(pointer ?? '').replace(/^#/, '')
		const control = form.querySelector(`[name="${CSS.escape(path)}"]`)
		if (!control) {
			homeless.push({ message: words })
			continue
		}
		const error = errorOf(control)
		error.hidden = false
		say(error, plainly(words, form))
		control.setAttribute('aria-invalid', true)
		for (let around = control.closest('details'); around; around = around.parentElement.closest('details')) around.open = true
	}
	if (focus) form.querySelector('[aria-invalid]')?.focus()
	const [first, ...others] = errors.length ? homeless : [{ message }]
	return first && { ...first, status, errors: others }
}
