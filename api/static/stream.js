/**
 * The one live connection: events in order, none twice, none lost.
 *
 * A browser gives up for ever on an answer that is not a stream, such as a proxy's 502 while the server restarts.
 * So the page opens it anew with growing pauses, from the last position it saw. Scripts cannot see heartbeats:
 * after sleep a dead connection may look alive for minutes, so a jump of the clock re-opens it too.
 */

const TYPES = {
	job: 'submitted stage_started stage_completed cancel_requested completed failed cancelled reopened resumed prune_started pruned',
	asset: 'requested reused attempt_started attempt_failed generated attempt_lost failed',
}
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
const PULSE = 5_000
/** Browsers run the timers of a hidden tab once a minute; only a longer gap means that the machine slept. */
const SLEPT = 90_000

export class EventStream {
	position = 0
	#source = null
	#timer = null
	#pause = FIRST_PAUSE
	#lastBeat = 0

	/** `tell({event})`, `tell({state})` with state connecting, live or waiting. */
	constructor(path, tell) {
		Object.assign(this, { path, tell })
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
		this.tell({ state: 'connecting' })
		const source = (this.#source = new EventSource(`${this.path}?after=${this.position}`))
		source.onopen = () => {
			this.#pause = FIRST_PAUSE
			this.tell({ state: 'live' })
		}
		source.onerror = () => {
			if (source !== this.#source) return
			if (source.readyState === EventSource.CLOSED) this.#wait()
			else this.tell({ state: 'connecting' })
		}
		for (const [of, names] of Object.entries(TYPES)) {
			for (const name of names.split(' ')) source.addEventListener(`${of}.${name}`, ({ data }) => this.#receive(JSON.parse(data)))
		}
	}

	#receive(event) {
		if (event.position <= this.position) return
		this.position = event.position
		this.tell({ event })
	}

	#wait() {
		// Many pages that lost the same server should not come back at the same moment.
		const pause = this.#pause * (0.75 + Math.random() / 2)
		this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2)
		this.tell({ state: 'waiting' })
		this.#timer = setTimeout(() => this.#connect(), pause)
	}

	#beat() {
		const slept = Date.now() - this.#lastBeat > SLEPT
		this.#lastBeat = Date.now()
		if (slept) this.#connect()
	}
}
