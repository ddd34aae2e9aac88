/** The log: by asset, or in order, as soon as something is looked for. Every event is a moment to go to, and tells why. */

import { assetName, between, button, duration, h, integer, plural, say, table } from '../core.js'
import { showWhy } from './explain.js'

const ROWS = 100
const KINDS = [['', 'Everything'], ['job.', 'The job'], ['asset.generated', 'What was made'], ['fail', 'Failures'], ['attempt', 'Attempts']]
const COLUMNS = ['#', 'After', 'Event', 'What happened', h('span.unseen', 'Why'), h('span.unseen', 'JSON')]
const JOB = 'job'

export class EventTable {
	#rows = ROWS
	#kind = ''
	#words = ''
	#inOrder = false
	#open = new Set()
	#cause

	constructor(view, redraw) {
		Object.assign(this, { view, film: view.film, redraw })
	}

	draw(story) {
		const { shown } = this.film
		const words = this.#words.toLowerCase()
		const found = !this.#kind && !words ? shown : shown.filter(({ type, message, position }) => type.includes(this.#kind) && (!words || `${position} ${type} ${message}`.toLowerCase().includes(words)))
		const flat = this.#inOrder || this.#kind || words
		return h('section.record', { 'aria-labelledby': 'log' },
			h('div.title-row', h('h2', { id: 'log' }, 'Events ', h('span.count', integer(found.length))),
				h('div.filters',
					h('input', { type: 'search', 'aria-label': 'Search the events', placeholder: 'Search', value: this.#words, oninput: ({ target }) => this.#set({ words: target.value }) }),
					h('select', { 'aria-label': 'Which events', value: this.#kind, onchange: ({ target }) => this.#set({ kind: target.value }) },
						KINDS.map(([value, label]) => h('option', { value }, label))),
					h('select', { 'aria-label': 'Arranged', value: this.#inOrder ? 'order' : '', onchange: ({ target }) => this.#set({ inOrder: Boolean(target.value) }) },
						h('option', { value: '' }, 'By asset'), h('option', { value: 'order' }, 'In order')))),
			flat ? [this.#table(found.slice(-this.#rows).reverse(), 'Events'), found.length > this.#rows && button('Show earlier events', () => this.#set({ rows: this.#rows + 1000 }))]
				: h('div.groups', { key: 'groups' }, this.#groups(found, story)))
	}

	#groups(found, story) {
		const groups = new Map()
		for (const event of found) {
			const key = event.asset?.id ?? JOB
			if (groups.has(key)) groups.get(key).push(event)
			else groups.set(key, [event])
		}
		return [...groups].map(([key, events]) => {
			const asset = story.assets.get(key)
			const open = this.#open.has(key)
			const name = asset ? assetName(asset) : 'The film'
			const turn = ({ target }) => {
				if (target.open === this.#open.has(key)) return
				if (target.open) this.#open.add(key)
				else this.#open.delete(key)
				this.redraw()
			}
			return h('details', { key, open, ontoggle: turn, memo: [events.length, asset?.status, open, open && this.film.at, this.#cause, open && this.#rows].join(' ') },
				() => h('summary', name, h('small', ` ${plural(events.length, 'event')}${asset ? ` · ${asset.status}` : ''}`)),
				() => open && [this.#table(events.slice(-this.#rows), `Events: ${name}`), events.length > this.#rows && button('Show earlier events', () => this.#set({ rows: this.#rows + 1000 }))])
		})
	}

	#table(events, label) {
		const { at, events: [first] } = this.film
		const row = (event) => {
			const { position, type } = event
			const look = position === this.#cause ? 'cause' : position === at ? 'now' : null
			return h('tr', { key: position, memo: String(look), class: look, id: `event-${position}`, 'data-type': type }, () => this.#cells(event, first))
		}
		return h('div.events', { key: label }, table(label, COLUMNS, events.map(row)))
	}

	#set({ rows = ROWS, kind = this.#kind, words = this.#words, inOrder = this.#inOrder }) {
		this.#rows = rows
		this.#kind = kind
		this.#words = words
		this.#inOrder = inOrder
		this.redraw()
	}

	/** Show what caused an event, whatever is filtered away or not drawn yet. */
	#reveal(position) {
		const { shown } = this.film
		this.#cause = position
		this.#set({ kind: '', words: '', inOrder: true, rows: Math.max(this.#rows, shown.length - shown.findIndex((event) => event.position === position)) })
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
			h('td', button('Why?', () => this.view.dare(showWhy(this.film, position)), { 'aria-label': `Why: event ${position}` })),
			h('td', h('details', { ontoggle: ({ target }) => say(target.lastChild, target.open && JSON.stringify(event, null, 2)) },
				h('summary', { 'aria-label': `JSON of event ${position}` }, '{ }'), h('pre', { dir: 'ltr' }))),
		]
	}
}
