/**
 * The live connection, one for the whole browser, as six tabs would take all connections to an HTTP/1.1 server: the tab
 * that holds the lock has it, the others listen. Without locks (not a secure context) each has its own.
 *
 * A browser gives up for ever on an answer that is not a stream (a proxy's 502), so it is opened anew from the last
 * position; after sleep, too: a dead connection may look alive for minutes.
 */

import { api, ROOT } from './core.js'

const TYPES = {
	job: 'submitted stage_started stage_completed cancel_requested review_requested approved changed completed failed cancelled reopened resumed prune_started pruned',
	asset: 'requested reused provided attempt_started call_accepted attempt_resumed attempt_failed generated attempt_lost failed',
}
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
const PULSE = 5_000
/** Timers of a hidden tab run once a minute; a longer gap means sleep. */
const SLEPT = 90_000

class EventStream {
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

const listeners = new Set()
const watchers = new Set()
const channel = new BroadcastChannel('reelog')
let state = 'idle'
let leads = false
let begun = false
let store

const stream = new EventStream((message) => {
	hear(message)
	channel.postMessage(message)
})

/** What was learnt is of another log (a folder that was reset, a backup that was put back): begin anew. */
const anew = () => location.reload()

function hear({ event, log, state: next }) {
	if (log) {
		if ((store ?? log.store) !== log.store || log.head < stream.position) anew()
		store = log.store
	}
	if (event) {
		// Followers keep the position too: the next leader goes on from there.
		stream.position = Math.max(stream.position, event.position)
		for (const listener of listeners) listener(event)
	}
	if (next) {
		state = next
		for (const watcher of watchers) watcher(state)
		dispatchEvent(new CustomEvent('connection', { detail: state }))
		// A stream cannot tell why it was refused; a call can, and leads to the login if need be.
		if (state === 'waiting') api.since(stream.position).catch(({ code }) => code === 'position_unknown' && anew())
	}
}

channel.addEventListener('message', ({ data }) => {
	if (!leads) hear(data)
	else if (data.hello) channel.postMessage({ state, log: store && { store, head: Infinity } })
})

export function connect(position) {
	if (begun) return
	begun = true
	stream.position = Math.max(stream.position, position)
	const lead = () => {
		leads = true
		stream.open()
		// Until the tab goes away; then the next in line leads.
		return new Promise(() => {})
	}
	if (!navigator.locks) return lead()
	channel.postMessage({ hello: true })
	navigator.locks.request('reelog-stream', lead)
}

const join = (all, one) => {
	all.add(one)
	return () => all.delete(one)
}

export const onEvent = (listener) => join(listeners, listener)

export function onState(watcher) {
	watcher(state)
	return join(watchers, watcher)
}
