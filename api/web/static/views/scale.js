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
	/** Of what `silences` found, up to `until`; `over` is when nothing more comes, else there is room for what does. */
	constructor({ from, to, silent, long, since }, until, moment, over) {
		const end = Math.max(to, until)
		const last = since == null ? [] : [{ from: since, to: end }]
		const busy = end - from - silent - (since == null ? 0 : end - since)
		const most = Math.max(SHORTEST, busy * LONG)
		let [at, drawn] = [from, 0]
		/** To scale from cut to cut, however much began and ended in between. */
		this.pieces = []
		const add = (to, cut) => {
			if (to <= at) return
			const took = to - at
			const length = cut ? Math.max(LEAST, busy * LEFT) : took
			this.pieces.push({ from: at, to, took, cut, length, at: drawn })
			at = to
			drawn += length
		}
		for (const silence of [...long, ...last]) {
			if (silence.to - silence.from <= most) continue
			add(silence.from, false)
			add(silence.to, true)
		}
		add(end, false)
		this.cuts = this.pieces.filter(({ cut }) => cut)
		Object.assign(this, { moment, over, drawn })
		// While a film is made the end of the scale moves in steps, or every bar would move at every tick.
		const whole = Math.max(1000, drawn)
		this.length = over ? whole : (STEPS.find((step) => step * 1000 >= whole) ?? Math.ceil(whole / 3.6e6) * 3600) * 1000
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

/** When nothing was under way: since when nothing is, if so, how long in all before that, and which of it was long enough to be cut. */
export function silences(events) {
	const open = new Set()
	const long = []
	const from = Date.parse(events[0].occurred_at)
	let [at, since, silent] = [from, from, 0]
	for (const { type, asset, occurred_at: when } of events) {
		const next = Date.parse(when)
		// Clocks of machines may differ: time does not go back.
		if (next > at) at = next
		if (type === 'asset.attempt_started') {
			open.add(asset.id)
			if (since == null) continue
			silent += at - since
			if (at - since > SHORTEST) long.push({ from: since, to: at })
			since = null
		} else if (ENDS.test(type) && open.delete(asset.id) && open.size === 0) since = at
	}
	return { from, to: at, silent, long, since }
}
