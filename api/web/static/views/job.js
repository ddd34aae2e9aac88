/** One film: the film itself first, then its scenes, then how it came about. */

import { announce, api, askedAgain, button, complaint, copy, day, dots, duration, ended, facts, filmName, h, headline, integer, isTransient, money, part, percent, render, retryDelay, roughly, sign, spent, spentIn, stageDoing, stageName, statusName } from '../core.js'
import { Film } from '../film.js'
import { serverOption } from '../snippets.js'
import { renamePlan } from './dialog.js'
import { EventTable } from './events.js'
import { failurePanel } from './failure.js'
import { forkPlan, retryPlan, translatePlan } from './plans.js'
import { player } from './player.js'
import { forgetProgress, notifyButton, notifyWhenDone, showProgress } from './progress.js'
import { showProvenance } from './provenance.js'
import { Record } from './record.js'
import { scenes } from './scenes.js'
import { stages } from './stages.js'
import { copyable } from './texts.js'
import { Waterfall } from './waterfall.js'

/** Letters: a longer script is opened by whoever wants to read it. */
const MOST_OPEN = 2000

export class View extends HTMLElement {
	#said
	#tick
	#again
	#problem
	#board
	/** The board as it was last drawn. */
	#cards
	#boardIsMissing = false

	constructor({ id, at }) {
		super()
		const draw = () => this.#draw()
		this.film = Object.assign(new Film(id), { at })
		this.events = new EventTable(this, draw)
		this.record = new Record(this, (...step) => this.goTo(...step), draw)
		this.waterfall = new Waterfall(this, draw)
		this.film.addEventListener('change', draw)
		render(this, h('article.job', h('header.page', h('div.title-row', headline('Film')))))
	}

	connectedCallback() {
		this.#look()
	}

	/** The film, as it is or was; what is not answered now is asked for again. */
	async #look() {
		const { film } = this
		const { at } = film
		const isOver = () => !this.isConnected || film.at !== at
		clearTimeout(this.#again)
		const problem = await film.follow().then(() => isOver() || film.show(at)).then(() => null, (refused) => refused)
		if (isOver()) return
		this.#problem = problem
		clearTimeout(this.#again)
		if (!problem) this.#tick ??= setInterval(() => ended(this.job?.status) || this.#draw(), 500)
		else if (isTransient(problem)) this.#again = setTimeout(() => this.#look(), retryDelay(problem))
		this.#draw()
	}

	disconnectedCallback() {
		clearInterval(this.#tick)
		clearTimeout(this.#again)
		this.film.leave()
		this.record.pause()
		document.body.classList.remove('past')
		forgetProgress()
	}

	move({ at }) {
		this.film.at = at
		this.#look()
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
		if (!this.isConnected) return
		film.drawn()
		const { story } = film
		// While a moment of the past is fetched, what was shown before stays.
		const job = (this.job = (film.ready && film.job) || this.job)
		if (!job) return this.#problem && this.#drawAbsent(this.#problem)
		const past = film.at != null
		const { pruned_at: gone } = film.snapshot
		const done = job.status === 'completed'
		const title = gone ? filmName(film.snapshot) : job.title ?? story.title
		const script = !gone && story.submitted?.data.script
		// A square or tall film leaves room beside it for what it says.
		const roomy = done && job.options.aspect_ratio !== '16:9'
		const text = !gone && words(film.snapshot, job, script, roomy)
		// What is written in the board stays there while the past is looked at.
		const cards = gone ? null : past ? this.#cards : this.#edited(job, story)?.draw(job, story)
		this.#cards = cards
		document.body.classList.toggle('past', past)
		document.title = `${ended(job.status) ? statusName(job.status) : percent(job.progress)} · ${title ?? 'Film'} · Reelog`
		if (!past) {
			this.#announce(job)
			showProgress(job)
			notifyWhenDone(job)
		}
		render(this, h('article.job',
			h('header.page',
				h('div.title-row', headline(title ?? h('span.unnamed', filmName({}))), !gone && this.#actions(job, story, past)),
				h('div.figures', state(job), facts(figures(film, job))),
				h('progress', { max: 1, value: job.progress ?? 0, hidden: done, 'aria-label': 'Progress of the film' }),
				gone && h('p.gone', `Its texts and files were removed on ${day(gone)}. What happened and what it cost is still here; to make the film again, submit its script anew.`),
				complaint(this.#problem)),
			h('div.page', !gone && [failurePanel(this, job, story, past), player(job, story, roomy && text)]),
			h('div.page.making', !done && stages(job), this.#boardIsMissing && away(), cards && h('div', { key: 'board', hidden: past }, cards), !gone && (past || !cards) && scenes(this, job, story, past)),
			h('div.page', !roomy && text),
			h('div.page', part('Timeline', this.#about(job), done && stages(job), this.waterfall.draw(job, story))),
			h('div.page', this.events.draw(story)),
			this.record.draw()))
	}

	#drawAbsent(problem) {
		const { status, message } = problem
		const why = status === 404 ? 'There is no such film' : `This film cannot be shown${isTransient(problem) ? ' now' : ''}`
		render(this, h('article.job', h('header.page', h('div.title-row', headline(why)),
			h('p', { role: 'alert', dir: 'auto' }, message), askedAgain(problem, () => this.#look()), h('p', h('a', { href: '#/jobs' }, 'All films')))))
	}

	/** The board, where it is to be seen: always while a film waits for a person, else when asked for. */
	#edited({ status, scenes }, { changed }) {
		if (scenes.length === 0) return null
		if (status === 'awaiting_review' && !this.#board && !this.#boardIsMissing) this.#edit()
		// What is changed in a review is made at once, and then looked at again.
		return this.#board?.draw && (ended(status) || status === 'awaiting_review' || changed || this.#board.isOpen) ? this.#board : null
	}

	async #edit(toggle = false) {
		if (this.#board) {
			if (toggle) this.#board = null
			return this.#draw()
		}
		this.#board = {}
		const came = await import('./board.js').catch(() => null)
		this.#board = came && new came.Board(this, () => this.#draw())
		this.#boardIsMissing = !came
		this.#draw()
		if (toggle) this.querySelector('.board')?.scrollIntoView()
	}

	#actions(job, story, past) {
		const { status, id } = job
		const origin = story.submitted?.data.forked_from?.job_id
		return h('div.actions',
			!past && !ended(status) && !job.cancel_requested && button('Cancel', () => this.dare(api.cancel(id).then(this.take))),
			!past && status === 'cancelled' && button('Retry', () => retryPlan(job, this.take, 'Retry'), { class: 'primary' }),
			!past && notifyButton(job, () => this.#draw()),
			button(past ? 'Fork from here' : 'Fork', () => this.dare(forkPlan(job, story, { at: this.film.at }))),
			!past && ended(status) && job.scenes.length > 0 && button('Edit scenes', () => this.dare(this.#edit(true)), { 'aria-pressed': String(Boolean(this.#board)) }),
			!past && button('Rename', () => renamePlan(job, this.take)),
			!past && status === 'completed' && button('Translate', () => translatePlan(job)),
			!past && [...story.assets.values()].some(({ product }) => product) && button('Provenance', () => this.dare(showProvenance('The film', id))),
			h('a.button.quiet', { href: `#/compare/${id}${origin ? `/${origin}` : ''}` }, origin ? 'Compare with its origin' : 'Compare'))
	}

	/** What a person takes elsewhere: its id, its log, and the command that shows the same. */
	#about({ id }) {
		return h('div.about-job', h('p.facts', 'Job ', copyable(id, 'job’s id')),
			button('Download the log', () => this.#download(), { 'aria-label': 'Download the log as NDJSON' }),
			button('Copy as a command', ({ currentTarget }) => copy(`reelog events ${id}${serverOption}`, currentTarget)))
	}

	/** One event a line, as `reelog events JOB --json` prints them. */
	#download() {
		const { id, events } = this.film
		const href = URL.createObjectURL(new Blob(events.map((event) => `${JSON.stringify(event)}\n`), { type: 'application/x-ndjson' }))
		Object.assign(document.createElement('a'), { href, download: `reelog-${id}.ndjson` }).click()
		setTimeout(() => URL.revokeObjectURL(href), 60_000)
	}

	/** Stage changes and ends are worth a screen reader's voice; numbers that tick are not. */
	#announce({ status, stage }) {
		const said = status === 'running' ? stageName(stage) : statusName(status)
		if (this.#said && this.#said !== said && status !== 'failed') announce(said)
		this.#said = said
	}
}

customElements.define('reel-job', View)

/** A browser remembers that a module did not come, so only a page that is loaded anew asks for it again. */
const away = () => h('p.problem', { role: 'alert' }, 'The board did not come, as the server does not answer. ', button('Try again', () => location.reload()))

function state({ status, stage, stages: all, review, cancel_requested: stopping, provider }) {
	const { assets, done } = all.find(({ name }) => name === stage) ?? {}
	const doing = stopping && !ended(status) ? 'Cancelling: what is in flight is being stopped'
		: status === 'running' ? `${stageDoing(stage)}${assets > 1 ? `, ${done} of ${assets}` : ''}`
			: status === 'awaiting_review' ? `${statusName(status)}: look at the ${review}` : statusName(status)
	return h('p.state', { 'data-status': status }, sign(status) ?? h('span.dot'), h('span', doing), provider === 'emulator' && h('span.badge', 'Emulator'))
}

function figures({ moment }, job) {
	const waited = (status) => {
		const seconds = spentIn(job, status, moment)
		return seconds >= 1 && duration(seconds)
	}
	const { reserved_usd, requests, tokens, lost_calls } = job.cost
	return [
		['Progress', job.status !== 'completed' && percent(job.progress)],
		['Elapsed', duration(spentIn(job, 'running', moment))],
		['Queued', waited('queued')],
		['In review', waited('awaiting_review')],
		['Remaining', !ended(job.status) && roughly(job.eta_s)],
		['Cost', spent(job.cost)],
		['In flight', reserved_usd && `up to ${money(reserved_usd)}`],
		['Requests', requests && integer(requests)],
		['Tokens', tokens && integer(tokens)],
		['Lost calls', lost_calls && `${lost_calls}, may have been billed`],
	].filter(([, value]) => value)
}

/** What the film is made of: its topic and script, how that is read, and whence a model says that it knows. */
function words({ notices = [] }, { scenes: found, topic, sources = [] }, script, open) {
	return [
		topic && h('p.topic', { dir: 'auto' }, h('b', 'On the topic: '), dots(topic.about, topic.audience && `for ${topic.audience}`, topic.tone)),
		sources.length > 0 && h('details.sources', { open: true }, h('summary', 'Sources, not checked'),
			h('p.hint', 'The model that wrote the script names these. Nobody has looked them up.'),
			h('ul', sources.map(({ fact, source }) => h('li', { dir: 'auto' }, fact, h('small', ` ${source}`))))),
		script && found.length > 0 && h('details.script', { open: open && script.length < MOST_OPEN }, h('summary', 'Script'), h('p', { dir: 'auto' }, script)),
		h('ul.notes', { 'aria-label': 'How it is read' }, notices.map(({ message }) => h('li', { dir: 'auto' }, message))),
	]
}
