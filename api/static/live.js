/**
 * One stream for the whole browser: the tab that holds the lock has the connection, the others listen to it.
 *
 * Browsers allow six connections to one HTTP/1.1 server over all tabs; six films watched in six tabs would
 * block every further request. Where locks are missing (a page that is not from a secure place) each tab has
 * its own connection. Positions make all of this safe: whoever listens drops what it has already seen, and
 * catches up over plain HTTP whenever the stream comes (back) to life.
 */

import { EventStream } from './stream.js'

const listeners = new Set()
const watchers = new Set()
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('reelog') : null
let state = { name: 'idle' }
let leads = false
let begun = false

const stream = new EventStream('/v1/events', {
  onEvent: (event) => {
    hear(event)
    channel?.postMessage({ event })
  },
  onState: (next) => {
    enter(next)
    channel?.postMessage({ state: next })
  },
})

function hear(event) {
  // Followers keep the position too: the next leader goes on from there.
  stream.position = Math.max(stream.position, event.position)
  for (const listener of listeners) listener(event)
}

function enter(next) {
  state = next
  for (const watcher of watchers) watcher(state)
}

channel?.addEventListener('message', ({ data }) => {
  if (data.hello && leads) channel.postMessage({ state })
  if (leads) return
  if (data.event) hear(data.event)
  if (data.state) enter(data.state)
})

/** Be connected from now on; `position`: one that is not after anything the caller does not know yet. */
export function connect(position) {
  if (begun) return
  begun = true
  stream.position = Math.max(stream.position, position)
  const lead = () => {
    leads = true
    stream.open(stream.position)
  }
  if (!navigator.locks || !channel) return lead()
  channel.postMessage({ hello: true })
  // The lock is held until the tab goes away; then the next tab in line leads.
  navigator.locks.request('reelog-stream', () => {
    lead()
    return new Promise(() => {})
  })
}

/** Hear every event; gives a function that stops it. */
export function onEvent(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Hear the connection's state, now and at each change. */
export function onState(watcher) {
  watchers.add(watcher)
  watcher(state)
  return () => watchers.delete(watcher)
}
