/**
 * One stream for the whole browser, as six tabs would take all connections to an HTTP/1.1 server: the tab that holds
 * the lock has it, the others listen. Without locks (not a secure context) each has its own.
 */

import { api } from './api.js'
import { EventStream } from './stream.js'

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
