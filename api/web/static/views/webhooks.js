/** Who is told of films: the endpoints; of one, what was and is to be told to it. A secret is shown once, to who asked for it. */

import { api, askedAgain, button, call, complaint, copy, dots, duration, exactTime, facts, field, h, headline, object, part, read, render, retryDelay, ROOT, sentence, table, time } from '../core.js'
import { Steady } from '../steady.js'
import { ask, openDialog, openWith } from './dialog.js'

const LOOK_MS = 3000
const SHOWN = 30
const EVENTS = {
	submitted: 'Submitted',
	stage_started: 'A stage began',
	stage_completed: 'A stage is done',
	cancel_requested: 'Cancel was asked for',
	review_requested: 'Waits for you',
	approved: 'Approved',
	changed: 'Changed',
	completed: 'Finished',
	failed: 'Failed',
	cancelled: 'Cancelled',
	reopened: 'Opened again',
	resumed: 'Gone on with',
	renamed: 'Renamed',
	prune_started: 'Being removed',
	pruned: 'Removed',
}
const USUAL = ['review_requested', 'completed', 'failed', 'cancelled']
const STATES = { pending: 'Waits', delivered: 'Taken', failed: 'Failed', dropped: 'Dropped' }
/** By what a status of films looks like. */
const LOOKS = { delivered: 'completed', failed: 'failed' }
const OFF = { gone: 'Off: it answered 410, gone', asked: 'Off' }

const all = '/v1/webhooks'
const at = (id, ...more) => [all, id, ...more].map((one, index) => (index ? encodeURIComponent(one) : one)).join('/')
const post = (path, body) => call(path, { method: 'POST', body })

const eventName = (type) => EVENTS[type.split('.')[1]] ?? sentence(type)
const state = ({ enabled, disabled_for: why }) => h('span.state', { 'data-status': enabled ? 'completed' : 'failed' }, enabled ? 'On' : OFF[why] ?? 'Off')

export class View extends HTMLElement {
	#id
	#timer
	#turn = 0
	#endpoints
	#deliveries = {}
	#steady = new Steady(this, '', () => this.#draw())
	#sender
	#secret
	#said
	#busy = false
	#problem
	/** Why there is nothing to show yet. */
	#unread

	constructor({ id }) {
		super()
		this.#id = id
	}

	connectedCallback() {
		document.title = 'Webhooks · Reelog'
		this.#draw()
		this.#look()
	}

	disconnectedCallback() {
		clearTimeout(this.#timer)
	}

	/** The next look begins after the answers; that of `/readyz` takes longer just when something is wrong, so the list is drawn before it. */
	async #look() {
		clearTimeout(this.#timer)
		const mine = (this.#turn += 1)
		const isOver = () => mine !== this.#turn || !this.isConnected
		if (isOver()) return
		const sender = api.ready().then(({ webhooks }) => webhooks, () => null)
		const found = await this.#read().catch((problem) => ({ problem }))
		if (isOver()) return
		// What was there stays while the server does not answer.
		if (!found.problem) [this.#endpoints, this.#deliveries] = found
		this.#unread = this.#endpoints ? null : found.problem
		this.#draw()
		this.#sender = await sender ?? this.#sender
		if (isOver()) return
		this.#draw()
		this.#timer = setTimeout(() => this.#look(), found.problem ? retryDelay(found.problem) : LOOK_MS)
	}

	#read() {
		if (!this.#id) return call(`${all}?limit=1000`).then(({ data }) => [data, {}])
		return Promise.all([call(at(this.#id)).then((one) => [one]), call(`${at(this.#id, 'deliveries')}?limit=${SHOWN}`)])
	}

	async #dare(act) {
		this.#said = null
		this.#problem = await act().then(() => null, (problem) => problem)
		this.#draw()
		return this.#look()
	}

	#draw() {
		const { state: sends, reason } = this.#sender ?? {}
		render(this, h('div.page.webhooks',
			...(this.#id ? this.#one() : this.#list()),
			reason && h('p.problem', { key: 'sender' }, `Nothing is sent now (${sends}): ${reason}. It is tried again all the time.`)))
	}

	/** Above what it belongs to, until somebody has it or leaves. */
	#shown() {
		const { url, secret } = this.#secret ?? {}
		return secret && h('section.secret', { key: secret, 'aria-label': 'The secret' }, h('p', 'The secret that what is sent to ', h('b', url), ' is signed with. It is shown this once: keep it where your server checks signatures.'),
			h('code', secret), h('div.actions', button('Copy the secret', ({ target }) => copy(secret, target)), button('I have it', () => this.#draw(this.#secret = null))))
	}

	#asked() {
		return askedAgain(this.#unread, () => this.#look())
	}

	#list() {
		return [headline('Webhooks'), this.#shown(), complaint(this.#problem ?? this.#unread), this.#asked(),
			this.#endpoints && (this.#endpoints.length ? h('ul.endpoints', this.#endpoints.map((one) => h('li', { key: one.id },
				h('a', { href: `#/webhooks/${one.id}` }, one.url), state(one), h('span.facts', one.events.map(eventName).join(', ')))))
				: h('p.hint', 'Nobody is told yet. A server of yours can be: it gets a signed message when a film is finished, failed or waits for you.')),
			part('Add', this.#form())]
	}

	#form() {
		return h('form.plan', { novalidate: true, onsubmit: (event) => this.#add(event) },
			field('/url', 'Address', h('input', { type: 'url', placeholder: 'https://example.org/hook', required: true, maxlength: 2048, autocomplete: 'off' }), 'Where a server of yours answers, by https.'),
			h('details', h('summary', 'What it is told of'), h('fieldset.field', h('legend', 'When a film is'), h('div.choices',
				Object.entries(EVENTS).map(([name, label]) => h('label.switch', h('input', { type: 'checkbox', value: `job.${name}`, checked: USUAL.includes(name) }), h('span', label)))))),
			h('div.actions', h(`button.primary${this.#busy ? '.busy' : ''}`, 'Add it')),
			h('p.hint', 'Each message is signed, and sent again for a day until it is taken. ', h('a', { href: `${ROOT}/docs#create_webhook` }, 'How it is checked'), '.'))
	}

	async #add(event) {
		event.preventDefault()
		if (this.#busy) return
		this.#busy = true
		this.#draw()
		const form = event.target
		const told = () => ({ ...read(form), events: [...form.querySelectorAll('[type=checkbox]:checked')].map(({ value }) => value) })
		const sent = told()
		await this.#dare(async () => {
			try {
				this.#secret = await post(all, sent)
				// What was written meanwhile is the next one.
				if (JSON.stringify(told()) === JSON.stringify(sent)) form.reset()
			} catch (error) {
				const problem = object(form, error)
				if (problem) throw problem
			} finally {
				this.#busy = false
			}
		})
	}

	#one() {
		const [one] = this.#endpoints ?? []
		const rows = this.#deliveries.data ?? []
		if (!one) return [headline('Webhook'), complaint(this.#problem ?? this.#unread), this.#asked()]
		const { id, url, enabled, events, job_id: film, created_at: since } = one
		const change = (label, act) => button(label, () => this.#dare(act))
		return [headline(url), this.#shown(), complaint(this.#problem), h('p.said', { role: 'status', hidden: !this.#said }, this.#said),
			facts([['Now', state(one)], ['Told of', events.map(eventName).join(', ')], ['Since', time(since)], film && ['Of one film', h('a', { href: `#/jobs/${film}` }, film.slice(0, 8))]].filter(Boolean)),
			h('div.actions',
				change('Send a test', () => post(at(id, 'ping')).then((told) => this.#hear(told))),
				change(enabled ? 'Switch off' : 'Switch on', () => call(at(id), { method: 'PATCH', body: { enabled: !enabled } })),
				!film && button('New secret', () => this.#rotate(one)),
				button('Remove', () => this.#remove(one))),
			h('section', { key: 'told', 'aria-labelledby': 'told' }, h('h2', { id: 'told' }, 'What was and is to be told'),
				rows.length ? this.#steady.draw('ul.deliveries', rows, (row) => this.#row(one, row)) : h('p.hint', 'Nothing yet.'),
				this.#deliveries.has_more && h('p.hint', `The latest ${SHOWN}. reelog webhooks deliveries shows all.`)),
			h('p', h('a', { href: '#/webhooks' }, 'All webhooks'))]
	}

	#hear({ delivered, status, error, elapsed_s: took }) {
		this.#said = dots(delivered ? `It took the test: ${status}` : `The test failed: ${error}`, duration(took))
	}

	#row({ id }, row) {
		const { id: delivery, type, job_id: film, status, tried, turn, next_try_at: next, last_try: last } = row
		return h('li', { key: delivery },
			h('span', eventName(type), ' ', h('a', { href: `#/jobs/${film}` }, film.slice(0, 8))),
			h('span', h('span.state', { 'data-status': LOOKS[status] }, STATES[status] ?? sentence(status)), status === 'pending' && h('span.facts', tried && next ? `, again at ${exactTime(next)}` : ' for its turn')),
			h('span', { 'data-status': last?.error && 'failed' }, last && (last.error ?? `It answered ${last.status}`)),
			h('span.actions', tried > 0 && button([tried === 1 ? 'One try' : `${tried} tries`, turn > 1 && `, asked ${turn} times`], () => this.#tries(id, delivery)), button('Send again', () => this.#dare(() => post(at(id, 'deliveries', delivery, 'redeliver'))), { 'aria-label': `Send again: ${eventName(type)} ${film.slice(0, 8)}` })))
	}

	#tries(id, delivery) {
		return this.#dare(() => openWith('Each try', call(at(id, 'deliveries', delivery)), ({ tries }) => {
			openDialog('Each try', table('Tries', ['When', 'Try', 'Answer', 'Took'], tries.map(({ at: when, number, turn, status, error, elapsed_s: took }) => h('tr', { key: when },
				h('td', time(when), ' ', h('span.facts', exactTime(when))), h('td', dots(String(number), turn > 1 && `asked ${turn} times`)),
				h('td', { 'data-status': error && 'failed' }, error ?? status), h('td', duration(took))))))
		}))
	}

	#rotate(one) {
		ask({ title: 'A new secret?', verb: 'Make a new secret', words: 'What is sent is signed with both for a day, so that your server can change over. Then the old one signs no more.',
			act: async () => {
				this.#secret = await post(at(one.id, 'secret'))
				this.#draw()
			} })
	}

	#remove(one) {
		ask({ title: 'Remove this webhook?', verb: 'Remove it', words: `${one.url} is told of nothing more, and what waits for it is dropped.`,
			act: async () => {
				await call(at(one.id), { method: 'DELETE' })
				if (this.isConnected) location.hash = '#/webhooks'
			} })
	}
}

customElements.define('reel-webhooks', View)
