import { api, button, complaint, contentUrl, dots, ended, filmName, h, headline, isToday, money, percent, plural, render, roughly, sign, spent, stageDoing, statusName, time } from '../core.js'
import { connect, onEvent } from '../live.js'

const FILTERS = ['', 'queued', 'running', 'awaiting_review', 'completed', 'failed', 'cancelled']

export class View extends HTMLElement {
	#jobs = new Map()
	#today = new Map()
	#stale = new Set()
	#page = {}
	#status = ''
	#stops = []
	#timer
	#problem

	async connectedCallback() {
		document.title = 'Films · Reelog'
		this.#draw()
		// What happens while the list is read is in one or the other.
		this.#stops = [onEvent(this.#hear)]
		await this.#load()
		if (!this.isConnected) return
		this.#stops.push(connect(this.#page.position ?? 0, null))
		this.#dare(() => this.#reckon())
	}

	disconnectedCallback() {
		for (const stop of this.#stops) stop()
		clearTimeout(this.#timer)
	}

	#pick(status) {
		this.#status = status
		this.#jobs.clear()
		this.#page = {}
		this.#load()
	}

	async #dare(act) {
		this.#problem = await act().then(() => null, (problem) => problem)
		this.#draw()
	}

	#load() {
		const { next } = this.#page
		return this.#dare(async () => {
			this.#page = await api.jobs({ limit: 50, ...(this.#status && { status: this.#status }), ...(next && { after: next }) })
			for (const job of this.#page.data) this.#jobs.set(job.id, job)
		})
	}

	async #reckon() {
		for await (const jobs of api.everyJob()) {
			for (const job of jobs) this.#count(job)
			if (!isToday(jobs.at(-1)?.created_at)) break
		}
	}

	#count(job) {
		if (isToday(job.created_at)) this.#today.set(job.id, job.cost)
	}

	#hear = (event) => {
		const job = this.#jobs.get(event.job_id)
		if (job && event.position > job.position) Object.assign(job, { progress: event.progress ?? job.progress, eta_s: event.eta_s })
		if (/^job\.|generated$/.test(event.type)) this.#stale.add(event.job_id)
		this.#timer ??= setTimeout(() => this.#renew(), 500)
	}

	async #renew() {
		const ids = [...this.#stale]
		this.#stale.clear()
		for (const id of ids) await api.job(id).then(this.#take, () => this.#stale.add(id))
		this.#timer = null
		this.#draw()
	}

	#take = (job) => {
		this.#count(job)
		if (!this.#status || job.status === this.#status) this.#jobs.set(job.id, job)
		else this.#jobs.delete(job.id)
	}

	#draw() {
		const jobs = [...this.#jobs.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
		const sum = (name) => [...this.#today.values()].reduce((all, cost) => all + cost[name], 0)
		const none = this.#page.data && !jobs.length
		render(this, h('div.page',
			h('div.title-row', headline('Films'), h('div', { role: 'group', 'aria-label': 'Show' }, FILTERS.map((status) =>
				button(statusName(status) || 'All', () => this.#pick(status), { 'aria-pressed': String(status === this.#status) })))),
			this.#today.size > 0 && h('p.count', `${plural(this.#today.size, 'film')} begun today, ${spent({ usd: sum('usd'), unpriced: sum('unpriced') })}`),
			complaint(this.#problem),
			h('ul.films', jobs.map((job) => this.#card(job))),
			none && h('p', this.#status ? 'No such films. ' : 'No films yet. ', !this.#status && h('a', { href: '#/' }, 'Make the first one.')),
			this.#page.has_more && button('Show more', () => this.#load())))
	}

	#card(job) {
		const { id, status, scenes, cancel_requested: stopping, pruned_at: gone } = job
		const picture = !gone && scenes.find(({ image }) => image?.status === 'generated')
		const title = filmName(job)
		const over = ended(status)
		const going = status === 'running' && !stopping
		const left = going && job.eta_s != null && `${roughly(job.eta_s)} left`
		return h('li', { key: id },
			h('a.film', { href: `#/jobs/${id}` },
				h('span.still', picture && h('img', { src: contentUrl(picture.image), alt: '', loading: 'lazy' })),
				h('span.about', h('span.name', { dir: 'auto' }, title),
					h('span.state', { 'data-status': status }, sign(status), going ? `${stageDoing(job.stage)} · ${percent(job.progress)}` : stopping && !over ? 'Cancelling' : statusName(status)),
					h('progress', { max: 1, value: job.progress ?? 0, 'aria-label': 'Progress', hidden: over }),
					h('span.facts', dots(time(job.created_at), money(job.cost.usd), left, job.provider === 'emulator' && 'emulator')))),
			!over && !stopping && button(['Cancel', h('span.unseen', ` ${title}`)], () => this.#dare(() => api.cancel(id).then(this.#take))))
	}
}

customElements.define('reel-jobs', View)
