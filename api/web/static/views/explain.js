/** Why: what led to an event, what was decided then, and what everything else waited for. Decided again by the server, from the events alone. */

import { api, assetName, between, duration, h, plural } from '../core.js'
import { serverOption } from '../snippets.js'
import { openDialog, openWith } from './dialog.js'
import { copyable } from './texts.js'

const MOST_CAUSES = 6
const MOST_SHOWN = 6

export function showWhy(film, position) {
	const { events, id } = film
	const index = events.findLastIndex((event) => event.position <= position)
	const event = events[index]
	const before = events.find((one) => one.position === event.causation) ?? events[index - 1]
	const about = event.asset && nameOf(event.asset)
	const first = events[0].occurred_at
	const moment = (one) => [h('a', { href: `#/jobs/${id}?at=${one.position}` }, `Event ${one.position}`), ` · +${duration(between(first, one.occurred_at))} · `, h('span', { dir: 'auto' }, one.message)]
	const title = `Why: event ${event.position}`
	return openWith(title, Promise.all([before && api.explain(id, before.position), api.explain(id, event.position)]), ([then, since]) => openDialog(title,
		h('p.why', { dir: 'auto' }, event.message),
		h('p.facts', h('code', event.type), ` +${duration(between(first, event.occurred_at))}`),
		chain(events, event).map((cause, depth) => h('p', { key: cause.position }, depth ? '… which came of ' : 'It came of ', moment(cause))),
		before && [h('h3', event.causation == null ? 'What was decided just before' : 'What was decided there'), decided(then, about, 'before')],
		h('h3', 'What was decided next'), decided(since, about, 'next'),
		h('p.facts', 'The same as a command: ', copyable(`reelog explain ${id} --at ${event.position}${serverOption}`, 'command'))))
}

/** What is about this asset stands in front; all else is a press away. */
function decided({ decisions }, about, key) {
	const is = new RegExp(`\\b${about}(?![\\w.])`)
	const mine = about ? decisions.filter((words) => is.test(words)) : decisions
	const others = decisions.filter((words) => !mine.includes(words))
	const list = (all, name) => h(`ul.decisions${name}`, all.map((words) => h('li', { dir: 'auto' }, words)))
	if (!mine.length && others.length <= MOST_SHOWN) return list(others, '')
	return [mine.length ? list(mine.slice(0, 2 * MOST_SHOWN), about ? '.about' : '') : h('p', { key: `${key} none` }, `Nothing about ${assetName(about)}.`),
		others.length + Math.max(0, mine.length - 2 * MOST_SHOWN) > 0 && h('details', { key }, h('summary', plural(others.length + Math.max(0, mine.length - 2 * MOST_SHOWN), 'other sentence')), list([...mine.slice(2 * MOST_SHOWN), ...others], ''))]
}

function chain(events, event) {
	const causes = []
	for (let cause = event.causation; cause != null && causes.length < MOST_CAUSES; cause = causes.at(-1)?.causation) {
		const found = events.find(({ position }) => position === cause)
		if (!found || causes.includes(found)) break
		causes.push(found)
	}
	return causes
}

const nameOf = ({ kind, scene, beat }) => `${kind}${scene ? `:${scene}` : ''}${beat > 1 ? `.${beat}` : ''}`
