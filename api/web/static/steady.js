/** Lists that grow by themselves: while somebody points at one, or is in it by keys, its rows stay where they are, so that no button comes to be under a pointer that was over another. */

import { button, h, integer } from './core.js'

/** A finger is seen only when it is there already. */
const touched = matchMedia('(hover: none)')

export class Steady {
	/** As they were drawn last; null: as they come. */
	#rows = null
	#held = false

	/** `what`: more of what comes, in words. */
	constructor(view, what, redraw) {
		Object.assign(this, { view, what, redraw })
		view.addEventListener('focusout', () => this.#left())
	}

	/** Somebody asked for other rows. */
	reset() {
		this.#rows = null
	}

	/** The list of these rows, newest first, and what is new above it; of `gone` rows the last that is known, which stay until nobody is there. */
	draw(list, rows, row, gone = new Map()) {
		const before = this.#rows ?? []
		this.#held = before.length > 0 && (touched.matches || this.view.querySelector('.steady').matches(':hover, :focus-within'))
		const latest = new Map([...gone, ...rows.map((one) => [one.id, one])])
		const shown = new Set(before.map(({ id }) => id))
		const fresh = this.#held ? rows.filter(({ id }) => !shown.has(id)).length : 0
		this.#rows = this.#held ? before.map((one) => latest.get(one.id) ?? one) : rows
		return h('div.steady', { key: list, onpointerleave: () => this.#left() },
			h('p.fresh', { role: 'status' }, fresh > 0 && button(`Show ${integer(fresh)} new${this.what}`, () => this.#show())),
			h(list, this.#rows.map(row)))
	}

	/** Once it is known where they went. */
	#left() {
		requestAnimationFrame(() => this.#held && this.view.isConnected && this.redraw())
	}

	#show() {
		this.reset()
		this.redraw()
		this.view.querySelector('.steady li a').focus()
	}
}
