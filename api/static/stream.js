/**
 * The one live connection: events in order, none twice, none lost.
 *
 * A browser reconnects an EventSource by itself, but gives up for ever (`readyState` 2) on any answer that is
 * not a stream, such as the 502 of a proxy while the server restarts. So the page opens it anew with growing
 * pauses, from the last position it saw. Heartbeats are comments, which scripts cannot see: after sleep a dead
 * connection may look alive for minutes, so a jump of the clock re-opens it too.
 */

const TYPES = [
  ...['submitted', 'stage_started', 'stage_completed', 'cancel_requested', 'completed', 'failed', 'cancelled', 'reopened', 'resumed',
    'prune_started', 'pruned'].map((name) => `job.${name}`),
  ...['requested', 'reused', 'attempt_started', 'attempt_failed', 'generated', 'attempt_lost', 'failed'].map((name) => `asset.${name}`),
]
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
const PULSE = 5_000
/** Browsers run the timers of a hidden tab once a minute; only a longer gap means that the machine slept. */
const SLEPT = 90_000

export class EventStream {
  #source = null
  #timer = null
  #pause = FIRST_PAUSE
  #lastBeat = 0

  /** `onEvent(event)`, `onState(name)` with name connecting, live or waiting. */
  constructor(path, { onEvent, onState }) {
    Object.assign(this, { path, onEvent, onState, position: 0 })
  }

  /** Follow from `position` on, for as long as the page is there. */
  open() {
    this.#lastBeat = Date.now()
    setInterval(() => this.#beat(), PULSE)
    addEventListener('online', () => this.#connect())
    this.#connect()
  }

  #connect() {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.onState('connecting')
    const source = (this.#source = new EventSource(`${this.path}?after=${this.position}`))
    source.onopen = () => {
      this.#pause = FIRST_PAUSE
      this.onState('live')
    }
    source.onerror = () => {
      if (source !== this.#source) return
      if (source.readyState === EventSource.CLOSED) this.#wait()
      else this.onState('connecting')
    }
    for (const type of TYPES) source.addEventListener(type, ({ data }) => this.#receive(JSON.parse(data)))
  }

  #receive(event) {
    if (event.position <= this.position) return
    this.position = event.position
    this.onEvent(event)
  }

  #wait() {
    // Many pages that lost the same server should not come back at the same moment.
    const pause = this.#pause * (0.75 + Math.random() / 2)
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2)
    this.onState('waiting')
    this.#timer = setTimeout(() => this.#connect(), pause)
  }

  #beat() {
    const slept = Date.now() - this.#lastBeat > SLEPT
    this.#lastBeat = Date.now()
    if (slept) this.#connect()
  }
}
