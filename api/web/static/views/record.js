/** The scrubber: every event is a moment to go to, by hand, by key or by playing. */

import { between, button, duration, h, icon } from '../core.js'

const SPEEDS = [1, 2, 4, 8, 16]
const LONGEST_WAIT = 2000

export class Record {
	#timer
	#speed = 4

	constructor(film, goTo, redraw) {
		Object.assign(this, { film, goTo, redraw })
	}

	draw() {
		const { events, at } = this.film
		const [index, past] = [this.#index, at != null]
		const words = `Event ${index + 1} of ${events.length} · +${duration(between(events[0].occurred_at, events[index].occurred_at))} · ${events[index].message}`
		const [sign, name] = this.#timer ? ['pause', 'Pause'] : ['play', 'Play the record']
		return h('section.scrubber', { 'aria-label': 'Time travel', hidden: events.length < 2 }, h('div.page',
			button(icon(sign), () => (this.#timer ? this.pause() : this.#step(past ? index : 0)), { class: 'round', 'aria-label': name }),
			h('select', { 'aria-label': 'Speed', onchange: ({ target }) => (this.#speed = target.value) },
				SPEEDS.map((times) => h('option', { value: times, selected: times === 4 }, `${times}×`))),
			h('div.marks', { memo: events.length }, () => this.#marks()),
			h('input', { type: 'range', min: 0, max: events.length - 1, value: String(index), 'aria-label': 'Moment of the record',
				'aria-valuetext': past ? words : `Now. ${words}`, oninput: ({ target: { value } }) => {
					this.pause()
					this.#go(Number(value))
				} }),
			h('div.moment-row', past && h('b', 'This is the past.'), h('p.moment', past ? words : `Now · ${events[index].message}`),
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
