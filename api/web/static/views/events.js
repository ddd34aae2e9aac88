import { between, button, duration, h, integer, say, table } from '../core.js'

const ROWS = 100
const KINDS = [['', 'Everything'], ['job.', 'The job'], ['asset.generated', 'What was made'], ['fail', 'Failures'], ['attempt', 'Attempts']]

export class EventTable {
	#rows = ROWS
	#kind = ''
	#cause

	constructor(film, redraw) {
		Object.assign(this, { film, redraw })
	}

	draw() {
		const { shown, at, events: [first] } = this.film
		const found = shown.filter(({ type }) => type.includes(this.#kind))
		const row = (event) => {
			const { position, type } = event
			const look = position === this.#cause ? 'cause' : position === at ? 'now' : null
			return h('tr', { key: position, memo: String(look), class: look, id: `event-${position}`, 'data-type': type }, () => this.#cells(event, first))
		}
		return h('section.record',
			h('div.title-row', h('h2', 'Events ', h('span.count', integer(found.length))),
				h('select', { 'aria-label': 'Which events', value: this.#kind, onchange: ({ target }) => this.#set(target.value, ROWS) },
					KINDS.map(([value, label]) => h('option', { value }, label)))),
			h('div.events', table('Events', ['#', 'After', 'Event', 'What happened', h('span.unseen', 'JSON')], found.slice(-this.#rows).reverse().map(row))),
			found.length > this.#rows && button('Show earlier events', () => this.#set(this.#kind, this.#rows + 1000)))
	}

	#set(kind, rows) {
		this.#kind = kind
		this.#rows = rows
		this.redraw()
	}

	/** Show what caused an event, whatever is filtered away or not drawn yet. */
	#reveal(position) {
		const { shown } = this.film
		this.#cause = position
		this.#set('', Math.max(this.#rows, shown.length - shown.findIndex((event) => event.position === position)))
		const row = document.getElementById(`event-${position}`)
		row.scrollIntoView({ block: 'center' })
		row.querySelector('a').focus({ preventScroll: true })
	}

	#cells(event, first) {
		const { position, causation, type, message, job_id: job, occurred_at: at } = event
		const cause = `Caused by event ${causation}`
		return [
			h('th', { scope: 'row' }, h('a', { href: `#/jobs/${job}?at=${position}`, 'aria-label': `Show the film as it was at event ${position}` }, position)),
			h('td', `+${duration(between(first.occurred_at, at))}`), h('td', h('code', type)),
			h('td.message', { dir: 'auto' }, message, causation != null && button(`← ${causation}`, () => this.#reveal(causation), { 'aria-label': cause, title: cause })),
			h('td', h('details', { ontoggle: ({ target }) => say(target.lastChild, target.open && JSON.stringify(event, null, 2)) },
				h('summary', { 'aria-label': `JSON of event ${position}` }, '{ }'), h('pre', { dir: 'ltr' }))),
		]
	}
}
