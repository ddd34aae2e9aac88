/** The films: found by words, status, metadata, key and cost; and what can be done with one without opening it. */

import { api, askedAgain, button, complaint, contentUrl, copy, dots, ended, filmName, h, headline, isToday, isTransient, money, percent, plural, render, retryDelay, roughly, sign, spent, stageDoing, statusName, time } from '../core.js'
import { connect, onEvent } from '../live.js'
import { Steady } from '../steady.js'
import { ask, openWith, renamePlan } from './dialog.js'

const FILTERS = ['', 'queued', 'running', 'awaiting_review', 'completed', 'failed', 'cancelled']
const FIELDS = 'id,status,title,text,stage,progress,eta_s,position,created_at,pruned_at,caller,provider,priority,models,metadata,scenes,cost,cancel_requested'
const RANK = { high: 0, normal: 1, low: 2 }
const MORE = ['caller', 'model', 'cost_min', 'cost_max', 'created_from', 'created_to']
const TYPED = 250

/** What the API is asked for, without the blanks round what is typed: a day in the address is one here, from midnight to midnight, the last one included. */
const asked = (filter) => Object.fromEntries([...filter].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value)
	.map(([name, value]) => [name, name.startsWith('created_') ? midnight(value, name === 'created_to') : value]))

function midnight(day, after) {
	const at = new Date(/^\d{4}-\d\d-\d\d$/.test(day) ? `${day}T00:00` : NaN)
	if (isNaN(at)) return day
	at.setDate(at.getDate() + Number(after))
	return at.toISOString()
}

export class View extends HTMLElement {
	#jobs = new Map()
	#today = new Map()
	#stale = new Set()
	/** They were in the list, and are none of those that it is of any longer. */
	#gone = new Map()
	#steady = new Steady(this, ' films', () => this.#draw())
	/** Of the films that wait for their turn, which is whose. */
	#places = new Map()
	#moved = false
	#seesAll
	#page = {}
	#filter
	#chosen = null
	#stops = []
	#timer
	#asking
	#reckoning
	#turn = 0
	#problem
	/** Why the list, or more of it, is not there yet, and how it is asked for. */
	#unread
	#opened

	constructor({ query }) {
		super()
		this.#filter = new URLSearchParams(query)
		// Whoever is sent an address sees what it asks for.
		this.#opened = MORE.some((name) => this.#filter.has(name))
	}

	connectedCallback() {
		document.title = 'Films · Reelog'
		this.#draw()
		// What happens while the list is read is in one or the other.
		this.#stops = [onEvent(this.#hear)]
		this.#load()
	}

	disconnectedCallback() {
		for (const stop of this.#stops) stop()
		clearTimeout(this.#timer)
		clearTimeout(this.#asking)
		clearTimeout(this.#reckoning)
	}

	move({ query }) {
		if (query !== this.#filter.toString()) this.#find(new URLSearchParams(query))
	}

	/** Every choice has an address; what is typed is no visit of its own. */
	#set(changes, wait = 0) {
		const filter = this.#filter = new URLSearchParams(this.#filter)
		for (const [name, value] of Object.entries(changes)) value ? filter.set(name, value) : filter.delete(name)
		history.replaceState(null, '', `#/jobs${filter.size ? `?${filter}` : ''}`)
		clearTimeout(this.#asking)
		this.#asking = setTimeout(() => this.#find(filter), wait)
	}

	#find(filter) {
		this.#filter = filter
		this.#jobs.clear()
		this.#gone.clear()
		this.#steady.reset()
		this.#page = {}
		this.#problem = null
		this.#load()
	}

	async #dare(act) {
		this.#problem = await act().then(() => null, (problem) => problem)
		this.#draw()
	}

	/** The list, or what comes `after` in it; what is not answered now is asked for again. */
	async #load(after) {
		clearTimeout(this.#asking)
		const turn = (this.#turn += 1)
		const isOver = () => turn !== this.#turn || !this.isConnected
		const problem = await this.#read(after, isOver).then(() => null, (refused) => refused)
		if (isOver()) return
		this.#unread = problem && { problem, ask: () => this.#load(after) }
		if (problem && isTransient(problem)) this.#asking = setTimeout(this.#unread.ask, retryDelay(problem))
		this.#draw()
		// All that happens is heard of from there on where the list ends.
		if (!this.#page.data || this.#stops.length > 1) return
		this.#stops.push(connect(this.#page.position ?? 0, null))
		this.#reckon()
	}

	async #read(after, isOver) {
		const page = await api.jobs({ limit: 50, fields: FIELDS, ...asked(this.#filter), ...(after && { after }) })
		if (isOver()) return
		this.#page = page
		for (const job of page.data) this.#jobs.set(job.id, job)
		await this.#line()
		this.#steady.reset()
	}

	/** Who waits is served by priority, then in the order in which they came; whoever sees only their own films cannot tell who is before them. */
	async #line() {
		this.#moved = false
		if (![...this.#jobs.values()].some(({ status }) => status === 'queued')) return this.#places.clear()
		this.#seesAll ??= 'crew' in await api.ready()
		if (!this.#seesAll) return
		const data = []
		for await (const waiting of api.everyQueued()) data.push(...waiting)
		data.sort((a, b) => RANK[a.priority] - RANK[b.priority] || Date.parse(a.created_at) - Date.parse(b.created_at))
		this.#places = new Map(data.map(({ id }, index) => [id, index + 1]))
	}

	async #reckon() {
		try {
			for await (const jobs of api.everyJob()) {
				for (const job of jobs) this.#count(job)
				if (!isToday(jobs.at(-1)?.created_at)) break
			}
		} catch (problem) {
			if (!isTransient(problem)) this.#problem = problem
			else if (this.isConnected) this.#reckoning = setTimeout(() => this.#reckon(), retryDelay(problem))
		}
		this.#draw()
	}

	#count(job) {
		if (isToday(job.created_at)) this.#today.set(job.id, job.cost)
	}

	#hear = (event) => {
		const job = this.#jobs.get(event.job_id)
		if (job && event.position > job.position) Object.assign(job, { progress: event.progress ?? job.progress, eta_s: event.eta_s })
		if (/^job\.|generated$/.test(event.type)) this.#stale.add(event.job_id)
		this.#moved ||= /^job\.(?!stage)/.test(event.type)
		this.#timer ??= setTimeout(() => this.#renew(), 500)
	}

	/** What there was no answer for is asked for again. */
	async #renew() {
		let failed = null
		try {
			for (const id of [...this.#stale]) {
				this.#stale.delete(id)
				await api.job(id).then(this.#take, (problem) => {
					if (problem.status === 404) return
					this.#stale.add(id)
					throw problem
				})
			}
			if (this.#moved) await this.#line()
		} catch (problem) {
			[failed, this.#moved] = [problem, true]
		}
		this.#timer = failed && this.isConnected ? setTimeout(() => this.#renew(), retryDelay(failed)) : null
		this.#draw()
	}

	#take = (job) => {
		this.#count(job)
		const status = this.#filter.get('status')
		// Whether it is one of those that were searched for, only the server can say.
		const searched = Object.keys(asked(this.#filter)).some((name) => name !== 'status')
		const out = (status && job.status !== status) || (searched && !this.#jobs.has(job.id))
		const [from, to] = out ? [this.#jobs, this.#gone] : [this.#gone, this.#jobs]
		from.delete(job.id)
		to.set(job.id, job)
	}

	#draw() {
		const jobs = [...this.#jobs.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
		const sum = (name) => [...this.#today.values()].reduce((all, cost) => all + cost[name], 0)
		const none = this.#page.data && !jobs.length
		const status = this.#filter.get('status') ?? ''
		render(this, h('div.page',
			h('div.title-row', headline('Films'), this.#search()),
			h('div.shown', { role: 'group', 'aria-label': 'Show' }, FILTERS.map((one) =>
				button(statusName(one) || 'All', () => this.#set({ status: one }), { 'aria-pressed': String(status === one) }))),
			this.#more(),
			complaint(this.#problem ?? this.#unread?.problem), this.#unread && askedAgain(this.#unread.problem, this.#unread.ask),
			this.#chosen && h('p.choosing', { role: 'status' }, 'Compare ', h('b', { dir: 'auto' }, filmName(this.#chosen)), ' with which? ',
				button('With none', () => this.#choose(null))),
			// There from the beginning, as what comes late above the list would move it.
			h('p.count', this.#today.size > 0 && `${plural(this.#today.size, 'film')} begun today, ${spent({ usd: sum('usd'), unpriced: sum('unpriced') })}`),
			this.#steady.draw('ul.films', jobs, (job) => this.#card(job), this.#gone),
			none && h('p', this.#filter.size ? 'No such films. ' : 'No films yet. ',
				this.#filter.size ? h('a', { href: '#/jobs' }, 'Show them all') : h('a', { href: '#/' }, 'Make the first one.')),
			this.#page.has_more && button('Show more', () => this.#load(this.#page.next))))
	}

	#search() {
		return h('form.search', { role: 'search', onsubmit: (event) => event.preventDefault() },
			h('input', { type: 'search', value: this.#filter.get('q') ?? '', 'aria-label': 'Search films', placeholder: 'Search names, first words, metadata', dir: 'auto', maxlength: 200,
				oninput: ({ target }) => this.#set({ q: target.value }, TYPED) }))
	}

	#more() {
		const typed = (name, label, props) => h('label', label, h('input', { value: this.#filter.get(name) ?? '', ...props, oninput: ({ target }) => this.#set({ [name]: target.value }, TYPED) }))
		const metadata = [...this.#filter.keys()].filter((name) => name.startsWith('metadata.'))
		return [h('details.more-filters', { open: this.#opened }, h('summary', 'More filters'), h('div.pairs',
			typed('caller', 'Submitted with key', { placeholder: 'local' }), typed('model', 'Model', { placeholder: 'gemini-…' }),
			typed('cost_min', 'Cost from, US dollars', { type: 'number', min: 0, step: 'any' }), typed('cost_max', 'Cost to, US dollars', { type: 'number', min: 0, step: 'any' }),
			typed('created_from', 'Submitted on or after', { type: 'date' }), typed('created_to', 'Submitted on or before', { type: 'date' }))),
		metadata.length > 0 && h('div.tags', { role: 'group', 'aria-label': 'Metadata asked for' }, metadata.map((name) => button(`${name.slice(9)}: ${this.#filter.get(name)} ×`,
			() => this.#set({ [name]: '' }), { key: name, 'aria-pressed': 'true', 'aria-label': `${name.slice(9)}: ${this.#filter.get(name)}, show also others` })))]
	}

	#choose(job) {
		if (job && this.#chosen && job.id !== this.#chosen.id) location.hash = `#/compare/${this.#chosen.id}/${job.id}`
		this.#chosen = job
		this.#draw()
	}

	#card(job) {
		const { id, status, scenes, cancel_requested: stopping, pruned_at: gone, metadata, caller } = job
		const picture = !gone && scenes.find(({ image }) => image?.status === 'generated')
		const title = filmName(job)
		const over = ended(status)
		const going = status === 'running' && !stopping
		const left = going && job.eta_s != null && `${roughly(job.eta_s)} left`
		const place = status === 'queued' && this.#places.get(id)
		const words = going ? `${stageDoing(job.stage)} · ${percent(job.progress)}` : stopping && !over ? 'Cancelling' : dots(statusName(status), place && `place ${place} of ${this.#places.size}`)
		const act = (label, run) => button([label, h('span.unseen', ` ${title}`)], ({ target }) => {
			target.closest('details')?.removeAttribute('open')
			return this.#dare(async () => run(target))
		})
		return h('li', { key: id },
			h('a.film', { href: `#/jobs/${id}` },
				h('span.still', picture ? h('img', { src: contentUrl(picture.image), alt: '', loading: 'lazy' }) : gone && h('span.gone', 'Texts and files were removed; what happened is kept')),
				h('span.about', h(`span.name${job.title || gone ? '' : '.unnamed'}`, { dir: 'auto' }, title),
					h('span.state', { 'data-status': status }, sign(status), words),
					h('progress', { max: 1, value: job.progress ?? 0, 'aria-label': 'Progress', style: { visibility: over ? 'hidden' : '' } }),
					h('span.facts', dots(time(job.created_at), money(job.cost.usd), left, caller !== 'local' && caller, job.provider === 'emulator' && 'emulator')))),
			h('div.tags', Object.entries(metadata).slice(0, 4).map(([name, value]) => ['string', 'number'].includes(typeof value)
				&& button(`${name}: ${value}`, () => this.#set({ [`metadata.${name}`]: String(value) }), { key: name, title: 'Show only films with this' }))),
			// What goes or comes by itself stands last, so that nothing takes its place.
			h('div.tools',
				h('details.menu', h('summary', 'More', h('span.unseen', ` for ${title}`)), h('div',
					!gone && act('Fork', () => this.#fork(job)),
					!gone && act('Compare', () => this.#choose(job)),
					!gone && act('Rename', () => this.#rename(job)),
					button('Copy id', ({ target }) => copy(id, target)),
					over && !gone && act('Delete', () => this.#delete(job)))),
				!over && !stopping && act('Cancel', () => api.cancel(id).then(this.#take))))
	}

	#fork(job) {
		const plans = Promise.all([import('./plans.js'), import('../models.js').then(({ modelList }) => modelList()), api.events(job.id).next()])
		return openWith('Fork this film', plans, ([{ openFork }, list, { value: [submitted] }]) => openFork(list, job, { submitted }))
	}

	#rename(job) {
		renamePlan(job, (renamed) => {
			this.#take(renamed)
			this.#draw()
		})
	}

	#delete(job) {
		ask({ title: `Delete ${filmName(job)}?`, verb: 'Delete for ever', words: 'Its texts, pictures, voices and the film itself are removed and cannot be brought back. What happened and what it cost stays on the record.',
			act: async () => {
				await api.remove(job.id)
				await api.job(job.id).then(this.#take)
				this.#draw()
			} })
	}
}

customElements.define('reel-jobs', View)
