import { announce, api, between, button, complaint, day, duration, ended, facts, filmName, h, headline, integer, money, percent, render, roughly, sign, spent, stageDoing, stageName, statusName } from '../core.js'
import { Film } from '../film.js'
import { showProvenance } from './dialog.js'
import { EventTable } from './events.js'
import { failurePanel } from './failure.js'
import { forkPlan, retryPlan, translatePlan } from './plans.js'
import { player } from './player.js'
import { Record } from './record.js'
import { PARTS, scenes } from './scenes.js'
import { stages } from './stages.js'
import { waterfall } from './waterfall.js'

export class View extends HTMLElement {
	#said
	#tick
	#problem
	#board

	constructor({ id, at }) {
		super()
		const draw = () => this.#draw()
		this.film = Object.assign(new Film(id), { at })
		this.events = new EventTable(this.film, draw)
		this.record = new Record(this.film, (...step) => this.goTo(...step), draw)
		this.film.addEventListener('change', draw)
		render(this, h('article.job', h('header.page', headline('Film'))))
	}

	async connectedCallback() {
		try {
			await this.film.follow()
			await this.film.show(this.film.at)
			this.#tick = setInterval(() => ended(this.job?.status) || this.#draw(), 500)
		} catch ({ status, message }) {
			render(this, h('div.page', headline(status === 404 ? 'There is no such film' : 'This film cannot be shown'), h('p', message), h('p', h('a', { href: '#/jobs' }, 'All films'))))
		}
	}

	disconnectedCallback() {
		clearInterval(this.#tick)
		this.film.leave()
		this.record.pause()
		document.body.classList.remove('past')
	}

	move({ at }) {
		this.dare(this.film.show(at))
	}

	/** Go to a position of the past, or to now (null). Every moment has an address; only steps count as visits. */
	goTo(position, replace = false) {
		const hash = `#/jobs/${this.film.id}${position == null ? '' : `?at=${position}`}`
		if (!replace) location.hash = hash
		else if (location.hash !== hash) {
			history.replaceState(null, '', hash)
			this.move({ at: position })
		}
	}

	async dare(promise) {
		this.#problem = await promise.then(() => null, (problem) => problem)
		this.#draw()
	}

	take = (job) => {
		this.film.take(job)
		if (this.film.at != null) this.goTo(null)
	}

	#draw() {
		const { film } = this
		if (!film.ready || !this.isConnected) return
		const { story } = film
		// While a moment of the past is fetched, what was shown before stays.
		const job = (this.job = film.job ?? this.job)
		if (!job) return
		const past = film.at != null
		const { pruned_at: gone } = film.snapshot
		const title = gone ? filmName(film.snapshot) : job.title ?? story.title
		const script = !gone && story.submitted?.data.script
		document.body.classList.toggle('past', past)
		document.title = `${ended(job.status) ? statusName(job.status) : percent(job.progress)} · ${title ?? 'Film'} · Reelog`
		if (!past) this.#announce(job)
		render(this, h('article.job',
			h('header.page', headline(title ?? h('span.unnamed', filmName({}))), state(job),
				h('progress', { max: 1, value: job.progress ?? 0, hidden: job.status === 'completed', 'aria-label': 'Progress of the film' }),
				gone && h('p.gone', `Its texts and files were removed on ${day(gone)}. What happened and what it cost is still here; to make the film again, submit its script anew.`),
				h('div.figures', facts(figures(film, job))), !gone && this.#actions(job, story, past), complaint(this.#problem)),
			this.record.draw(),
			h('div.page', !gone && [failurePanel(this, job, story, past), player(job, story)]),
			h('div.page.making', stages(job), !gone && (this.#edited(job, past)?.draw(job, story) ?? scenes(this, job, story, past))),
			h('div.page', script && job.scenes.length > 0 && h('details.script', h('summary', 'Script'), h('p', { dir: 'auto' }, script)),
				!gone && h('ul.notes', { 'aria-label': 'How it is read' }, (film.snapshot.notices ?? []).map(({ message }) => h('li', { dir: 'auto' }, message))),
				waterfall({ ...film, job, story, shown: film.shown }, () => this.#draw()), this.events.draw())))
	}

	/** The board, where it is to be seen: always while a film waits for a person, else when asked for. */
	#edited({ status, scenes }, past) {
		if (past || scenes.length === 0) return null
		if (status === 'awaiting_review' && !this.#board) this.#edit()
		return (ended(status) || status === 'awaiting_review') && this.#board?.draw ? this.#board : null
	}

	async #edit(toggle = false) {
		if (this.#board) {
			if (toggle) this.#board = null
			return this.#draw()
		}
		this.#board = {}
		const { Board } = await import('./board.js')
		this.#board = new Board(this, () => this.#draw())
		this.#draw()
		if (toggle) this.querySelector('.board').scrollIntoView()
	}

	#actions(job, story, past) {
		const { status } = job
		const origin = story.submitted?.data.forked_from?.job_id
		const made = [...story.assets.values()].filter(({ kind, product }) => product && !past && !PARTS.includes(kind)).map(({ id }) => id)
		return h('div.actions',
			!past && !ended(status) && !job.cancel_requested && button('Cancel', () => this.dare(api.cancel(job.id).then(this.take))),
			!past && status === 'cancelled' && button('Retry', () => retryPlan(job, this.take, 'Retry'), { class: 'primary' }),
			button(past ? 'Fork from here' : 'Fork', () => this.dare(forkPlan(job, story, { at: this.film.at }))),
			!past && ended(status) && job.scenes.length > 0 && button('Edit scenes', () => this.dare(this.#edit(true)), { 'aria-pressed': String(Boolean(this.#board)) }),
			!past && status === 'completed' && button('Translate', () => translatePlan(job)),
			made.length > 0 && button('Provenance', () => this.dare(showProvenance('The film', made))),
			h('a.button.quiet', { href: `#/compare/${job.id}${origin ? `/${origin}` : ''}` }, origin ? 'Compare with its origin' : 'Compare'))
	}

	/** Stage changes and ends are worth a screen reader's voice; numbers that tick are not. */
	#announce({ status, stage }) {
		const words = status === 'running' ? stageName(stage) : statusName(status)
		if (this.#said && this.#said !== words && status !== 'failed') announce(words)
		this.#said = words
	}
}

customElements.define('reel-job', View)

function state({ status, stage, stages, review, cancel_requested: stopping, provider }) {
	const { assets, done } = stages.find(({ name }) => name === stage) ?? {}
	const doing = stopping && !ended(status) ? 'Cancelling: what is in flight is being stopped'
		: status === 'running' ? `${stageDoing(stage)}${assets > 1 ? `, ${done} of ${assets}` : ''}`
			: status === 'awaiting_review' ? `${statusName(status)}: look at the ${review}` : statusName(status)
	return h('p.state', { 'data-status': status }, sign(status) ?? h('span.dot'), h('span', doing), provider === 'emulator' && h('span.badge', 'Emulator'))
}

function figures({ moment }, job) {
	const { reserved_usd, requests, tokens, lost_calls } = job.cost
	return [
		['Progress', job.status !== 'completed' && percent(job.progress)],
		['Elapsed', duration(between(job.started_at ?? job.created_at, job.finished_at ?? moment))],
		['Remaining', !ended(job.status) && roughly(job.eta_s)],
		['Cost', spent(job.cost)],
		['In flight', reserved_usd && `up to ${money(reserved_usd)}`],
		['Requests', requests && integer(requests)],
		['Tokens', tokens && integer(tokens)],
		['Lost calls', lost_calls && `${lost_calls}, may have been billed`],
	].filter(([, value]) => value)
}
