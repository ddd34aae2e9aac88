/**
 * The live connection. A browser gives up for ever on an answer that is not a stream (a proxy's 502), so it is opened
 * anew from the last position; after sleep, too: a dead connection may look alive for minutes.
 */

import { ROOT } from './api.js'

const TYPES = {
	job: 'submitted stage_started stage_completed cancel_requested review_requested approved changed completed failed cancelled reopened resumed prune_started pruned',
	asset: 'requested reused provided attempt_started call_accepted attempt_resumed attempt_failed generated attempt_lost failed',
}
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
const PULSE = 5_000
/** Timers of a hidden tab run once a minute; a longer gap means sleep. */
const SLEPT = 90_000

export class EventStream {
	position = 0
	#source = null
	#timer = null
	#pause = FIRST_PAUSE
	#lastBeat = 0

	constructor(emit) {
		this.emit = emit
	}

	open() {
		this.#lastBeat = Date.now()
		setInterval(() => this.#beat(), PULSE)
		addEventListener('online', () => this.#connect())
		this.#connect()
	}

	#connect() {
		clearTimeout(this.#timer)
		this.#source?.close()
		this.emit({ state: 'connecting' })
		const source = (this.#source = new EventSource(`${ROOT}/v1/events?after=${this.position}`))
		source.onopen = () => {
			this.#pause = FIRST_PAUSE
			this.emit({ state: 'live' })
		}
		source.onerror = () => {
			if (source !== this.#source) return
			if (source.readyState === EventSource.CLOSED) this.#wait()
			else this.emit({ state: 'connecting' })
		}
		source.addEventListener('log', ({ data }) => this.emit({ log: JSON.parse(data) }))
		for (const [of, names] of Object.entries(TYPES)) {
			for (const name of names.split(' ')) source.addEventListener(`${of}.${name}`, ({ data }) => this.#receive(JSON.parse(data)))
		}
	}

	#receive(event) {
		if (event.position <= this.position) return
		this.position = event.position
		this.emit({ event })
	}

	#wait() {
		const pause = this.#pause * (0.75 + Math.random() / 2)
		this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2)
		this.emit({ state: 'waiting' })
		this.#timer = setTimeout(() => this.#connect(), pause)
	}

	#beat() {
		const slept = Date.now() - this.#lastBeat > SLEPT
		this.#lastBeat = Date.now()
		if (slept) this.#connect()
	}
}
