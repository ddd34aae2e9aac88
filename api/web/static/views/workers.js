/** Who works where: the places on each machine, those that wait for one and why, and who directs. */

import { api, askedAgain, complaint, dots, duration, facts, h, headline, plural, render, retryDelay, sentence, table } from '../core.js'

const LOOK_MS = 2000
const CREW = { ready: 'At work', starting: 'Getting ready', 'standing by': 'Standing by: another one works, and this one takes over when that ends' }
const NOBODY = 'Nobody works for this server: start reelog work beside it.'
const STATES = { pending: 'Waits for a machine', starting: 'Starting' }

export class View extends HTMLElement {
	#timer
	#told = false

	connectedCallback() {
		document.title = 'Workers · Reelog'
		this.#draw({})
		this.#look()
	}

	disconnectedCallback() {
		clearTimeout(this.#timer)
	}

	/** The next look begins after the answer, which takes longer just when something is wrong. */
	async #look() {
		clearTimeout(this.#timer)
		const ready = await api.ready().catch((problem) => ({ problem }))
		if (!this.isConnected) return
		const { problem } = ready
		this.#told ||= !problem
		// What was there stays while the server does not answer.
		if (!problem || !this.#told) this.#draw(ready)
		clearTimeout(this.#timer)
		this.#timer = setTimeout(() => this.#look(), problem ? retryDelay(problem) : LOOK_MS)
	}

	#draw({ actors, reasons = [], crew = {}, problem }) {
		const { process, at_work: elsewhere, standing_by: standby, director, error, crew: pools = {} } = crew
		const state = actors === 'none' ? elsewhere : actors
		const places = Object.entries(pools).flatMap(([seat, { places = [] }]) => places.map((place) => ({ seat, ...place })))
		const nodes = [...new Set(places.filter(isPlaced).map(nodeOf))].sort()
		const told = [
			state && ['Director', dots(CREW[state] ?? sentence(state), director?.jobs && `${plural(director.jobs, 'film')} under way`, process)],
			standby > 0 && ['Standing by', plural(standby, 'Director')],
			error && ['Last trouble', error],
			...Object.entries(pools).flatMap(([seat, { waiting, error: failed, failures }]) => [
				waiting && [sentence(seat), `${plural(waiting, 'thing')} to make ${waiting === 1 ? 'waits' : 'wait'} for a place`],
				failed && [sentence(seat), `${plural(failures, 'start')} in a row failed: ${failed}`]]),
		]
		render(this, h('div.page.workers', headline('Workers'), complaint(problem), askedAgain(problem, () => this.#look()),
			reasons.map((reason) => h('p.problem', { key: reason }, sentence(reason))),
			facts(told.filter(Boolean)),
			section('Not placed yet', 'Why', places.filter((one) => !isPlaced(one)), pending),
			nodes.map((node) => section(node, 'Process', places.filter((one) => isPlaced(one) && nodeOf(one) === node), placed)),
			actors && !places.length && h('p.hint', state ? 'Nothing is to be made. A place is begun when something waits for it.' : NOBODY)))
	}
}

customElements.define('reel-workers', View)

const section = (title, last, places, row) => places.length > 0 && h('section', { key: title, 'aria-label': title }, h('h2', title),
	table(`Places: ${title}`, ['Place', 'Now', last], places.map(row)))

const isPlaced = ({ pid }) => pid
const nodeOf = ({ address, node }) => address ?? node ?? 'This machine'
const name = (seat, cpus) => h('th', { scope: 'row' }, sentence(seat).replace(/s$/, ''), cpus > 0 && h('span.facts', ` ${plural(cpus, 'CPU')}`))

const pending = ({ seat, place, state, since_s: since, cpus, reason }) => h('tr', { key: place }, name(seat, cpus),
	h('td', dots(STATES[state] ?? sentence(state), since != null && duration(since))), h('td', reason ?? '–'))

/** A process is known by its boot id, which the record of a film names. */
const placed = ({ seat, place, cpus, attempts = [], worker = '', pid }) => h('tr', { key: place }, name(seat, cpus),
	h('td', { 'data-status': attempts.length > 0 && 'running' }, attempts.length ? `Makes ${plural(attempts.length, 'thing')}` : 'Free'),
	h('td', { title: worker }, h('code', worker.split(':').at(-1).slice(0, 8)), h('span.facts', ` ${pid}`)))
