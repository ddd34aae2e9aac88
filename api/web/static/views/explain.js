/** Why: what led to an event, what was decided then, and what everything else waited for. Decided again by the server, from the events alone. */

import { api, between, dots, duration, h } from '../core.js'
import { serverOption } from '../snippets.js'
import { openDialog } from './dialog.js'
import { copyable } from './texts.js'

const MOST_CAUSES = 6

export async function showWhy(film, position) {
	const { events, id } = film
	const index = events.findLastIndex((event) => event.position <= position)
	const event = events[index]
	const before = events.find((one) => one.position === event.causation) ?? events[index - 1]
	const [then, since] = await Promise.all([before && api.explain(id, before.position), api.explain(id, event.position)])
	const about = event.asset && nameOf(event.asset)
	const first = events[0].occurred_at
	const moment = (one) => [h('a', { href: `#/jobs/${id}?at=${one.position}` }, `Event ${one.position}`), ` · +${duration(between(first, one.occurred_at))} · `, h('span', { dir: 'auto' }, one.message)]
	const decided = (one) => h('ul.decisions', one.decisions.map((words) => h('li', { dir: 'auto', class: about && words.includes(` ${about}`) && !words.startsWith('Not yet') && 'about' }, words)))
	openDialog(`Why: ${event.message}`,
		h('p', h('code', event.type), ' ', dots(`event ${event.position}`, `+${duration(between(first, event.occurred_at))}`)),
		chain(events, event).map((cause, depth) => h('p', { key: cause.position }, depth ? '… which came of ' : 'It came of ', moment(cause))),
		before && [h('h3', `What was decided ${event.causation == null ? 'just before' : 'there'}`), decided(then)],
		h('h3', 'What was decided next'), decided(since),
		h('p.facts', 'The same as a command: ', copyable(`reelog explain ${id} --at ${event.position}${serverOption}`, 'command')))
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
