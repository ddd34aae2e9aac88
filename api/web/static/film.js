/**
 * One job: the server's snapshot, all its events once and in order, and any past moment. Events missing from the
 * stream are fetched whenever it (re)connects and whenever the snapshot knows more than the list.
 */

import { api, ended, now, retryDelay } from './core.js'
import { apply, fold } from './fold.js'
import { connect, onEvent, onState } from './live.js'

const SNAPSHOT_PAUSE = 400

export class Film extends EventTarget {
	events = []
	snapshot = null
	/** A position of the past that is shown, or null for now. */
	at = null
	/** Half a record would tell a wrong story. */
	ready = false
	#story = fold([])
	#positions = new Set()
	#past = new Map()
	#stops = []
	#fetching = false
	#refresh = null
	/** The frame in which it is drawn next. */
	#frame = null
	/** What was known at a moment of the past, of so many events. */
	#then = {}
	/** What is before it has no gap. */
	#complete = 0
	/** The connection as it is made each time, null while there is none. */
	#live = null
	#synced = false
	/** Heard of while there may be a gap before them. */
	#early = []
	#left = false
	#following = null

	constructor(id) {
		super()
		this.id = id
	}

	/** Where an answer was missing, it goes on from there when it is called again. */
	follow() {
		return (this.#following ??= this.#begin().catch((problem) => {
			this.#following = null
			throw problem
		}))
	}

	async #begin() {
		this.snapshot ??= await api.job(this.id)
		// The connection is by now of whatever is looked at instead.
		if (this.#left) return
		if (!this.#stops.length) this.#stops.push(onEvent((event) => event.job_id === this.id && this.#hear(event)), connect(this.snapshot.position, [this.id]))
		await this.#catchUp()
		if (this.#left) return
		this.ready = true
		this.#stops.push(onState((state) => this.#connection(state)))
	}

	leave() {
		this.#left = true
		for (const stop of this.#stops) stop()
		clearTimeout(this.#refresh)
	}

	get head() {
		return this.events.at(-1)?.position ?? 0
	}

	/** Folded once for all that is drawn of it. */
	get #told() {
		const { at, events, events: { length } } = this
		if (at == null) return { shown: events, story: this.#story }
		if (this.#then.at !== at || this.#then.length !== length) {
			const shown = events.filter(({ position }) => position <= at)
			this.#then = { at, length, shown, story: fold(shown) }
		}
		return this.#then
	}

	get shown() {
		return this.#told.shown
	}

	get moment() {
		return this.at == null ? new Date(now()).toISOString() : this.shown.at(-1)?.occurred_at
	}

	get story() {
		return this.#told.story
	}

	get job() {
		if (this.at != null) return this.#past.get(this.at)
		const { position, progress, eta_s } = this.events.at(-1) ?? this.snapshot
		// Between two snapshots the newest event has the newer word on progress.
		return position > this.snapshot.position ? { ...this.snapshot, progress: progress ?? this.snapshot.progress, eta_s } : this.snapshot
	}

	async show(position) {
		this.at = position
		if (position != null && !this.#past.has(position)) this.#past.set(position, await api.job(this.id, position))
		if (this.at === position) this.#changed()
	}

	take(job) {
		// It may have ended, with nothing left to stream, and goes on now.
		if (!this.#left && ended(this.snapshot.status) && !ended(job.status)) connect(job.position, [this.id])
		if (job.position >= this.snapshot.position) this.snapshot = job
		this.#changed()
	}

	async #catchUp() {
		for await (const events of api.events(this.id, this.#synced ? this.head : this.#complete)) {
			this.#add(events)
			if (!this.#synced) this.#complete = events.at(-1)?.position ?? this.#complete
		}
	}

	#connection(state) {
		if (state !== 'live') {
			if (this.#synced) this.#complete = this.head
			this.#synced = false
			this.#live = null
		} else if (!this.#live) {
			this.#live = {}
			this.#renew()
		}
	}

	/** A stream may go on behind what another view knew, and a story with a gap in it would be a wrong one. */
	#hear(event) {
		if (this.#synced) this.#add([event])
		else this.#early.push(event)
	}

	#add(events) {
		let inOrder = true
		for (const event of events) {
			if (this.#positions.has(event.position)) continue
			this.#positions.add(event.position)
			inOrder &&= event.position > this.head
			this.events.push(event)
			if (inOrder) apply(this.#story, event)
		}
		if (!inOrder) {
			this.events.sort((a, b) => a.position - b.position)
			this.#story = fold(this.events)
		}
		if (this.head > this.snapshot.position) this.#renewSoon()
		this.#changed()
	}

	#renewSoon(pause = 30) {
		if (!this.#fetching && !this.#left) this.#refresh ??= setTimeout(() => this.#renew(), pause)
	}

	/** One at a time, and once more when events came meanwhile, or when there was no answer to take. */
	async #renew() {
		clearTimeout(this.#refresh)
		this.#refresh = null
		if (this.#fetching || this.#left) return
		this.#fetching = true
		const live = this.#live
		let failed = null
		try {
			this.take(await api.job(this.id))
			if ((live && !this.#synced) || this.snapshot.position > this.head) await this.#catchUp()
			this.#synced ||= live !== null && live === this.#live
			if (this.#synced) this.#add(this.#early.splice(0))
			await new Promise((resolve) => setTimeout(resolve, SNAPSHOT_PAUSE))
		} catch (problem) {
			failed = problem
		}
		this.#fetching = false
		// A film that was deleted meanwhile is not there when the page is loaded anew, and that is said.
		if (failed?.status === 404 && !this.#left) location.reload()
		else if (failed) this.#renewSoon(retryDelay(failed))
		else if ((this.#live && !this.#synced) || this.head > this.snapshot.position) this.#renewSoon()
	}

	#changed() {
		if (!this.ready) return
		// Many events in one frame are one drawing; a hidden tab draws when it is looked at.
		this.#frame ??= requestAnimationFrame(() => this.dispatchEvent(new Event('change')))
	}

	/** All that is known is drawn, so that the next frame need not. */
	drawn() {
		cancelAnimationFrame(this.#frame)
		this.#frame = null
	}
}
