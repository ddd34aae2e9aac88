/**
 * The live connection, one for the whole browser, as six tabs would take all connections to an HTTP/1.1 server: the tab
 * that holds the lock has it, the others listen. Without locks (not a secure context) each has its own.
 *
 * A browser gives up for ever on an answer that is not a stream (a proxy's 502), so it is opened anew from the last
 * position; after sleep, too: a dead connection may look alive for minutes.
 */

import { ANEW, api, eventsPath, randomKey, ROOT } from './core.js'

const TYPES = {
	job: 'submitted stage_started stage_completed cancel_requested review_requested approved changed completed failed cancelled reopened resumed renamed prune_started pruned',
	asset: 'requested reused provided attempt_started call_accepted attempt_resumed attempt_failed generated attempt_lost failed',
}
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 15_000
const PULSE = 5_000
/** How often a film that has ended is asked whether something happens to it all the same. */
const LOOK = 5_000
/** Timers of a hidden tab run once a minute; a longer gap means sleep. */
const SLEPT = 90_000

class EventStream {
	position = 0
	jobs = ''
	#source = null
	#timer = null
	#pause = FIRST_PAUSE
	#lastBeat = 0
	/** All that it follows has ended, so there is nothing to stream; it looks now and then whether that is so. */
	#over = false

	constructor(emit) {
		this.emit = emit
	}

	begin() {
		this.#lastBeat = Date.now()
		setInterval(() => this.#beat(), PULSE)
		addEventListener('online', () => this.#connect())
	}

	/** `all`, or ids with commas between them; '' is nothing, and no connection. */
	follow(jobs) {
		if (jobs === this.jobs && !this.#over) return
		this.jobs = jobs
		this.#connect()
	}

	#connect() {
		clearTimeout(this.#timer)
		this.#source?.close()
		this.#source = null
		this.#over = false
		if (!this.jobs) return this.emit({ state: 'idle' })
		this.emit({ state: 'connecting' })
		const source = (this.#source = new EventSource(`${ROOT}${eventsPath(this.position, this.jobs)}`))
		source.onopen = () => {
			this.#pause = FIRST_PAUSE
			this.emit({ state: 'live' })
		}
		source.onerror = () => {
			if (source !== this.#source) return
			if (source.readyState === EventSource.CLOSED) this.#closed(source, () => this.#wait())
			else this.emit({ state: 'connecting' })
		}
		source.addEventListener('end', () => this.#rest(source))
		source.addEventListener('log', ({ data }) => this.emit({ log: JSON.parse(data) }))
		for (const [of, names] of Object.entries(TYPES)) {
			for (const name of names.split(' ')) source.addEventListener(`${of}.${name}`, ({ data }) => this.#receive(JSON.parse(data)))
		}
	}

	/** A stream cannot tell with which status it was refused; 204 says that all has ended. */
	async #closed(source, others) {
		const enough = new AbortController()
		const status = await fetch(source.url, { headers: { Accept: 'text/event-stream' }, signal: enough.signal }).then((answer) => answer.status, () => 0)
		enough.abort()
		if (source !== this.#source) return
		if (status === 204) this.#rest(source)
		else others()
	}

	#rest(source) {
		source.close()
		this.#over = true
		this.emit({ state: 'live' })
		clearTimeout(this.#timer)
		this.#timer = setTimeout(() => this.#closed(source, () => this.#connect()), LOOK)
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

const ALL = 'all'
/** More are asked for as everything: an address has an end. */
const MOST_FILMS = 20
/** Once two things changed in the same moment (a view left, another opened), one change is enough. */
const SETTLED = 50

const listeners = new Set()
const watchers = new Set()
// Another server may have another path of the same origin, where both would be one by name.
const channel = new BroadcastChannel(`reelog${ROOT}`)
const tab = randomKey()
/** Which films each tab looks at, null for all: nothing else is streamed. */
const looks = new Map()
let state = 'idle'
let leads = false
let begun = false
let store
let timer

const stream = new EventStream((message) => {
	hear(message)
	channel.postMessage(message)
})

/** What was learnt is of another log (a folder that was reset, a backup that was put back): begin anew, and say so. */
function anew() {
	sessionStorage.setItem(ANEW, 'yes')
	location.reload()
}

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
		if (leads && state === 'waiting') askWhy()
	}
}

/** A stream cannot tell why it was refused; a call can, and leads to the login if need be. */
const askWhy = () => api.since(stream.position, stream.jobs).catch(({ code }) => {
	if (code === 'position_unknown') anew()
	// One of them was deleted: whoever looks at it finds out by asking.
	if (code === 'job_not_found') stream.follow(ALL)
})

function choose(position = 0) {
	const every = [...looks.values()]
	const films = [...new Set(every.flat())].sort()
	const jobs = every.includes(null) || films.length > MOST_FILMS ? ALL : films.join()
	// Whoever lists them all goes on from their list; whoever looks at one film catches up by itself.
	if (jobs !== stream.jobs) stream.position = jobs === ALL && position ? position : Math.max(stream.position, position)
	stream.follow(jobs)
}

channel.addEventListener('message', ({ data }) => {
	if (data.tab) {
		looks.set(data.tab, data.jobs)
		if (leads) {
			choose(data.position)
			channel.postMessage({ state, log: store && { store, head: Infinity } })
		}
	} else if (data.hello) say()
	else if (!leads) hear(data)
})

const say = (position) => channel.postMessage({ tab, jobs: looks.has(tab) ? looks.get(tab) : [], position })

function look(jobs, position) {
	looks.set(tab, jobs)
	clearTimeout(timer)
	timer = setTimeout(() => {
		say(position)
		if (leads) choose(position)
	}, SETTLED)
}

/** Follow these films (null: all of them) from a position of the log; gives what ends it. */
export function connect(position, jobs) {
	look(jobs, position)
	if (!begun) {
		begun = true
		stream.position = position
		const lead = () => {
			leads = true
			stream.begin()
			channel.postMessage({ hello: true })
			choose()
			// Until the tab goes away; then the next in line leads.
			return new Promise(() => {})
		}
		if (navigator.locks) navigator.locks.request(`reelog-stream${ROOT}`, lead)
		else lead()
	}
	return () => look([])
}

addEventListener('pagehide', () => channel.postMessage({ tab, jobs: [] }))
addEventListener('pageshow', ({ persisted }) => persisted && say())

const join = (all, one) => {
	all.add(one)
	return () => all.delete(one)
}

export const onEvent = (listener) => join(listeners, listener)

export function onState(watcher) {
	watcher(state)
	return join(watchers, watcher)
}
