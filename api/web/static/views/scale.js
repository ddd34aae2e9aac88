/**
 * Where a moment stands on the timeline. It is to scale while something is under way; a silence (a queue, a person who is
 * waited for, the days before a retry) that would leave the rest no room is cut short, and is said to be.
 */

/** A silence is cut that is longer than this, and than this part of what was under way. */
const SHORTEST = 5000
const LONG = 0.25
/** What is left of it, of what was under way, and at least. */
const LEFT = 0.06
const LEAST = 500
const STEPS = [5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600]
const ENDS = /^asset\.(generated|provided|failed|attempt_failed|attempt_lost)$/

export class Scale {
	/** Up to `until`; `over` is when nothing more comes, else there is room for what does. */
	constructor(events, until, moment, over) {
		const pieces = spans(events, until)
		const busy = pieces.reduce((sum, { from, to, silent }) => sum + (silent ? 0 : to - from), 0)
		const most = Math.max(SHORTEST, busy * LONG)
		let drawn = 0
		this.pieces = pieces.map((piece) => {
			const took = piece.to - piece.from
			const cut = piece.silent && took > most
			const length = cut ? Math.max(LEAST, busy * LEFT) : took
			drawn += length
			return { ...piece, took, cut, length, at: drawn - length }
		})
		Object.assign(this, { moment, over, drawn })
		// While a film is made the end of the scale moves in steps, or every bar would move at every tick.
		const whole = Math.max(1000, drawn)
		this.length = over ? whole : (STEPS.find((step) => step * 1000 >= whole) ?? Math.ceil(whole / 3.6e6) * 3600) * 1000
	}

	get cuts() {
		return this.pieces.filter(({ cut }) => cut)
	}

	/** As long as it is the same, so is where everything stands. */
	get key() {
		return [this.length, ...this.cuts.flatMap(({ at, length, to }) => [at, length, to === this.pieces.at(-1).to ? 'goes on' : to])].join(' ')
	}

	#drawnAt(ms) {
		const piece = this.pieces.findLast(({ from }) => from <= ms)
		if (!piece) return 0
		return piece.at + (piece.took ? Math.min(1, (ms - piece.from) / piece.took) * piece.length : 0) + (piece === this.pieces.at(-1) ? Math.max(0, ms - piece.to) : 0)
	}

	at(ms) {
		return `${this.#drawnAt(ms) / this.length * 100}%`
	}

	between(from, to) {
		return `${Math.max(0, this.#drawnAt(to) - this.#drawnAt(from)) / this.length * 100}%`
	}

	/** How long after the beginning it is at a part of the width, in seconds. */
	after(part) {
		const drawn = part * this.length
		const piece = this.pieces.findLast(({ at }) => at <= drawn)
		if (!piece) return drawn / 1000
		const within = (drawn - piece.at) * (drawn > this.drawn ? 1 : piece.took / piece.length)
		return (piece.from + within - this.pieces[0].from) / 1000
	}
}

/** What was under way, and the silences between: each `{from, to, silent}`. */
function spans(events, until) {
	const open = new Set()
	const pieces = []
	let at = Date.parse(events[0].occurred_at)
	const go = (to) => {
		// Clocks of machines may differ: time does not go back.
		if (!(to > at)) return
		const last = pieces.at(-1)
		if (last?.silent === (open.size === 0)) last.to = to
		else pieces.push({ from: at, to, silent: open.size === 0 })
		at = to
	}
	for (const { type, asset, occurred_at: when } of events) {
		go(Date.parse(when))
		if (type === 'asset.attempt_started') open.add(asset.id)
		else if (ENDS.test(type)) open.delete(asset.id)
	}
	go(until)
	return pieces
}
