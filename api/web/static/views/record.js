/** The history: every event is a moment to go to, by hand, by key or by playing. Open while a film comes about; shut when it is done. */

import { between, button, copy, duration, ended, h, icon, plural } from '../core.js'
import { showWhy } from './explain.js'

const SPEEDS = [1, 2, 4, 8, 16]
const LONGEST_WAIT = 2000

export class Record {
	#timer
	#speed = 4
	/** As a person left it; before that it depends on the film. */
	#open = null

	constructor(view, goTo, redraw) {
		Object.assign(this, { view, film: view.film, goTo, redraw })
	}

	draw() {
		const { events, at, snapshot: { status } } = this.film
		const [index, past] = [this.#index, at != null]
		const here = events[index]
		// Whoever is at its controls as the film is done goes on there.
		if (past || document.activeElement?.matches('.history .controls *, .history .moment-row *')) this.#open = true
		const words = `Event ${index + 1} of ${events.length} · +${duration(between(events[0].occurred_at, here.occurred_at))} · ${here.message}`
		const [sign, name] = this.#timer ? ['pause', 'Pause'] : ['play', 'Replay the history']
		return h('section.history', { 'aria-label': 'History', hidden: events.length < 2 }, h('details.page', { open: past || (this.#open ?? status !== 'completed') },
			h('summary', { onclick: ({ currentTarget }) => (this.#open = !currentTarget.parentNode.open) }, 'History', h('small', ` ${plural(events.length, 'event')} in ${duration(between(events[0].occurred_at, events.at(-1).occurred_at))}${ended(status) ? '' : ' so far'}`)),
			h('p.moment', past ? [h('b', 'This is the past.'), ` ${words}`] : `Now · ${here.message}`),
			h('div.controls',
				button(icon(sign), () => (this.#timer ? this.pause() : this.#step(past ? index : 0)), { class: 'round', 'aria-label': name }),
				h('select', { 'aria-label': 'Speed', onchange: ({ target }) => (this.#speed = target.value) },
					SPEEDS.map((times) => h('option', { value: times, selected: times === 4 }, `${times}×`))),
				h('div.marks', { memo: events.length }, () => this.#marks()),
				h('input', { type: 'range', min: 0, max: events.length - 1, value: String(index), 'aria-label': 'Moment of the history',
					'aria-valuetext': past ? words : `Now. ${words}`, oninput: ({ target: { value } }) => {
						this.pause()
						this.#go(Number(value))
					} })),
			h('div.moment-row',
				button('Why?', () => this.view.dare(showWhy(this.film, here.position)), { 'aria-label': 'Why: the moment that is shown' }),
				button('Copy link', ({ currentTarget }) => copy(`${location.href.split('#')[0]}#/jobs/${this.film.id}?at=${here.position}`, currentTarget), { 'aria-label': 'Copy a link to this moment' }),
				past && button('Back to now', ({ target }) => {
					this.pause()
					target.closest('section').querySelector('input').focus()
					this.goTo(null)
				}))))
	}

	#marks() {
		const looks = new Map()
		for (const [place, { type }] of this.film.events.entries()) {
			if (/stage_completed|failed|lost/.test(type)) looks.set(Math.round((place / (this.film.events.length - 1)) * 100), type)
		}
		return [...looks].map(([key, type]) => h('span', { key, 'data-look': type !== 'job.stage_completed' && 'bad', style: { insetInlineStart: `${key}%` } }))
	}

	get #index() {
		const { events, at } = this.film
		return at == null ? events.length - 1 : Math.max(0, events.findLastIndex(({ position }) => position <= at))
	}

	pause() {
		if (!this.#timer) return
		clearTimeout(this.#timer)
		this.#timer = null
		this.redraw()
	}

	#go(index) {
		const { events } = this.film
		this.goTo(index >= events.length - 1 ? null : events[index].position, true)
	}

	/** Show one event, then the next at its time, sped up; no long silence is sat through. */
	#step(index) {
		const { events } = this.film
		this.#go(index)
		if (!events[index + 1]) return this.pause()
		const gap = between(events[index].occurred_at, events[index + 1].occurred_at) * 1000 / this.#speed
		this.#timer = setTimeout(() => this.#step(index + 1), Math.min(LONGEST_WAIT, Math.max(40, gap)))
		this.redraw()
	}
}
