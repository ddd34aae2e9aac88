/** Who works where: the places on each machine, those that wait for one and why, and who directs. */

import { api } from '../api.js'
import { facts, h, headline, part, render, table } from '../dom.js'
import { dots, duration, plural, sentence } from '../format.js'

const LOOK_MS = 2000
const ACTORS = {
	ready: 'At work',
	starting: 'Getting ready',
	'standing by': 'Standing by: another Director works, and this one takes over when that ends',
	failed: 'Failed',
	stopped: 'Ended',
	none: 'Not in this server: the work is done by reelog work',
}
const PENDING = { pending: 'Waits for a machine', starting: 'Starting' }

export class WorkersView extends HTMLElement {
	#timer

	connectedCallback() {
		document.title = 'Workers · Reelog'
		this.#draw({})
		this.#look()
	}

	disconnectedCallback() {
		clearTimeout(this.#timer)
		this.#timer = null
	}

	async #look() {
		const mine = (this.#timer = setTimeout(() => this.#look(), LOOK_MS))
		const ready = await api.ready().catch(() => null)
		if (mine === this.#timer) this.#draw(ready)
	}

	/** `null`: the server does not answer, and what was there stays. */
	#draw(ready) {
		if (!ready) return
		const { actors, reasons = [], crew: { director, crew: pools = {}, error } = {} } = ready
		const all = Object.entries(pools).flatMap(([seat, { places = [] }]) => places.map((place) => ({ seat, ...place })))
		const nodes = Map.groupBy(all.filter(({ pid }) => pid), ({ address, node }) => address ?? node ?? 'This machine')
		const placeless = all.filter(({ pid }) => !pid)
		render(this, h('div.page.workers', headline('Workers'),
			reasons.map((reason) => h('p.problem', { key: reason }, sentence(reason))),
			actors && facts([['Director', dots(ACTORS[actors] ?? actors, director?.jobs && `${plural(director.jobs, 'film')} under way`)],
				!reasons.length && error && ['Last trouble', error],
				...Object.entries(pools).flatMap(([seat, { waiting, error: failed, failures }]) => [
					waiting && [sentence(seat), `${plural(waiting, 'order')} wait${waiting === 1 ? 's' : ''} for a place`],
					failed && [sentence(seat), `${plural(failures, 'start')} in a row failed: ${failed}`]])].filter(Boolean)),
			placeless.length > 0 && part('Not placed yet', table('Not placed yet', ['Place', 'State', 'Why'], placeless.map(({ seat, place, state, since_s: since, cpus, reason }) =>
				h('tr', { key: place }, h('th', { scope: 'row' }, name(seat, cpus)), h('td', dots(PENDING[state] ?? state, since != null && duration(since))), h('td', reason ?? '–'))))),
			[...nodes].map(([node, places]) => h('section', { key: node, 'aria-label': node }, h('h2', node), table(`Places on ${node}`, ['Place', 'State', 'Process'], places.map(row)))),
			actors && actors !== 'none' && !all.length && h('p.hint', 'Nobody is needed now. A place is begun when something waits for it.')))
	}
}

customElements.define('reel-workers', WorkersView)

const name = (seat, cpus) => [sentence(seat).replace(/s$/, ''), cpus > 0 && h('span.facts', ` ${plural(cpus, 'CPU')}`)]

const row = ({ seat, place, cpus, state, attempts = [], worker, pid }) => h('tr', { key: place },
	h('th', { scope: 'row' }, name(seat, cpus)),
	h('td', { 'data-status': state === 'working' ? 'running' : 'idle' }, state === 'working' ? `Makes ${plural(attempts.length, 'thing')}` : 'Free'),
	h('td', h('code', { title: worker }, String(worker ?? '').slice(0, 8)), h('span.facts', ` ${pid}`)))
