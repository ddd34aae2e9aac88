/**
 * One stream for the whole browser: the tab that holds the lock has the connection, the others listen to it.
 *
 * Browsers allow six connections to an HTTP/1.1 server: six films in six tabs would block every further request.
 * Without locks (not a secure context) each tab has its own. Who listens drops what it has seen, by position.
 */

import { EventStream } from './stream.js'

const listeners = new Set()
const watchers = new Set()
const channel = new BroadcastChannel('reelog')
let state = 'idle'
let leads = false
let begun = false

const stream = new EventStream('/v1/events', (message) => {
	hear(message)
	channel.postMessage(message)
})

function hear({ event, state: next }) {
	if (event) {
		// Followers keep the position too: the next leader goes on from there.
		stream.position = Math.max(stream.position, event.position)
		for (const listener of listeners) listener(event)
	}
	if (next) {
		state = next
		for (const watcher of watchers) watcher(state)
	}
}

channel.addEventListener('message', ({ data }) => {
	if (!leads) hear(data)
	else if (data.hello) channel.postMessage({ state })
})

/** Be connected from now on; `position`: one that is not after anything the caller does not know yet. */
export function connect(position) {
	if (begun) return
	begun = true
	stream.position = Math.max(stream.position, position)
	const lead = () => {
		leads = true
		stream.open()
		// The lock is held until the tab goes away; then the next tab in line leads.
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

/** Hear every event; like `onState` it gives a function that stops it. */
export const onEvent = (listener) => join(listeners, listener)

/** Hear the connection's state (idle, connecting, live, waiting), now and at each change. */
export function onState(watcher) {
	watcher(state)
	return join(watchers, watcher)
}
