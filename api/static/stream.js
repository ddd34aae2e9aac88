/**
 * The one live connection: events in order, none twice, none lost.
 *
 * A browser reconnects an EventSource by itself, but gives up for ever (`readyState` 2) on any answer that is
 * not a stream, such as the 502 of a proxy while the server restarts. So the page opens it anew with growing
 * pauses, from the last position it saw. Heartbeats are comments, which scripts cannot see: after sleep a dead
 * connection may look alive for minutes, so a jump of the clock re-opens it too.
 */

const TYPES = [
  'job.submitted', 'job.stage_started', 'job.stage_completed', 'job.cancel_requested', 'job.completed',
  'job.failed', 'job.cancelled', 'job.reopened', 'job.resumed', 'asset.requested', 'asset.reused',
  'asset.attempt_started', 'asset.attempt_failed', 'asset.generated', 'asset.attempt_lost', 'asset.failed',
]
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
const PULSE = 5_000
/** Browsers run the timers of a hidden tab once a minute; only a longer gap means that the machine slept. */
const SLEPT = 90_000

export class EventStream {
  #source = null
  #timer = null
  #pulse = null
  #pause = FIRST_PAUSE
  #lastBeat = 0

  /** `onEvent(event)`, `onState({name, retryAt})` with name connecting, live, waiting or ended. */
  constructor(path, { onEvent, onState }) {
    this.path = path
    this.onEvent = onEvent
    this.onState = onState
    this.position = 0
  }

  open(after) {
    this.position = Math.max(this.position, after)
    this.#lastBeat = Date.now()
    this.#pulse ??= setInterval(() => this.#beat(), PULSE)
    addEventListener('online', this.#reopen)
    this.#connect()
  }

  close() {
    clearInterval(this.#pulse)
    this.#pulse = null
    removeEventListener('online', this.#reopen)
    this.#disconnect()
  }

  #disconnect() {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = null
  }

  #connect() {
    this.#disconnect()
    this.onState({ name: 'connecting' })
    const source = new EventSource(`${this.path}?after=${this.position}`)
    this.#source = source
    source.onopen = () => {
      this.#pause = FIRST_PAUSE
      this.onState({ name: 'live' })
    }
    source.onerror = () => {
      if (source !== this.#source) return
      if (source.readyState === EventSource.CLOSED) this.#wait()
      else this.onState({ name: 'connecting' })
    }
    for (const type of TYPES) source.addEventListener(type, (message) => this.#receive(message))
    source.addEventListener('end', () => {
      this.close()
      this.onState({ name: 'ended' })
    })
  }

  #receive(message) {
    const event = JSON.parse(message.data)
    if (event.position <= this.position) return
    this.position = event.position
    this.onEvent(event)
  }

  #wait() {
    this.#disconnect()
    // Many pages that lost the same server should not come back at the same moment.
    const pause = this.#pause * (0.75 + Math.random() / 2)
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2)
    this.onState({ name: 'waiting', retryAt: Date.now() + pause })
    this.#timer = setTimeout(() => this.#connect(), pause)
  }

  #reopen = () => this.#connect()

  #beat() {
    const slept = Date.now() - this.#lastBeat > SLEPT
    this.#lastBeat = Date.now()
    if (slept) this.#connect()
  }
}
