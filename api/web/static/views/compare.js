/** Two films side by side: they play in step, and what differs is marked. */

import { api, askedAgain, complaint, contentUrl, dots, duration, ended, filmName, h, headline, isTransient, money, render, retryDelay, sentence, spentIn, statusName, time } from '../core.js'

export class View extends HTMLElement {
	#timer

	constructor({ id, other }) {
		super()
		this.ids = [id, other]
		this.#draw()
	}

	connectedCallback() {
		document.title = 'Compare · Reelog'
		this.#read()
	}

	disconnectedCallback() {
		clearTimeout(this.#timer)
	}

	async #read() {
		clearTimeout(this.#timer)
		try {
			const [{ data }, ...films] = await Promise.all([api.jobs({ limit: 100, fields: 'id,title,text,created_at,pruned_at' }), ...this.ids.map((id) => id && film(id))])
			this.#draw(null, h('thead', h('tr', h('td'), films.map((one, i) => h('th', { scope: 'col' }, this.#chooser(i, data, one))))), h('tbody', rows(films)))
		} catch (problem) {
			this.#draw(problem)
			clearTimeout(this.#timer)
			if (isTransient(problem) && this.isConnected) this.#timer = setTimeout(() => this.#read(), retryDelay(problem))
		}
	}

	#draw(problem, ...table) {
		render(this, h('div.page.compare', headline('Compare'), complaint(problem), askedAgain(problem, () => this.#read()), h('table', table)))
	}

	#chooser(index, jobs, chosen) {
		const go = ({ target }) => (location.hash = `#/compare/${this.ids.with(index, target.value).join('/')}`)
		const choices = [chosen ?? { id: '', title: 'Choose a film' }, ...jobs.filter(({ id, pruned_at: gone }) => !gone && id !== chosen?.id)]
		return [h('select', { 'aria-label': `${index ? 'Second' : 'First'} film`, onchange: go },
			choices.map((job) => h('option', { value: job.id }, dots(`\u2068${filmName(job)}\u2069`, job.created_at && time(job.created_at))))),
		chosen && h('a', { href: `#/jobs/${chosen.id}` }, 'Open')]
	}
}

customElements.define('reel-compare', View)

async function film(id) {
	const [job, assets] = await Promise.all([api.job(id), api.assets(id)])
	return { ...job, assets: Object.fromEntries(assets.map((asset) => [asset.id, asset])) }
}

/** What nearly always differs (a cost, a time) is not marked: `marks` false. */
function row(name, films, value, cell = (film) => value(film) ?? '–', marks = true) {
	const [one, two] = films.map((film) => film && JSON.stringify(value(film)))
	const differs = marks && one && two && one !== two
	return h('tr', { class: differs && 'differs' }, h('th', { scope: 'row' }, name, differs && h('b', ' differs')), films.map((film, index) => h('td', { dir: 'auto' }, film && cell(film, index))))
}

function rows(films) {
	const known = films.filter(Boolean)
	return [
		row('Film', films, () => null, player, false),
		row('Status', films, ({ status }) => statusName(status)),
		row('Cost', films, ({ cost }) => money(cost.usd), undefined, false),
		row('Took', films, (film) => (ended(film.status) ? duration(spentIn(film, 'running')) : '–'), undefined, false),
		['text', 'image', 'speech', 'video', 'music'].filter((kind) => known.some(({ models }) => models[kind])).map((kind) => row(sentence(kind), films, ({ models }) => models[kind])),
		Object.keys(known[0].options).filter((name) => new Set(known.map(({ options }) => options[name])).size > 1)
			.map((name) => row(sentence(name), films, ({ options }) => String(options[name] ?? '–'))),
		Array.from({ length: Math.max(...known.map(({ scenes }) => scenes.length)) }, (_, index) => scene(index, films)),
	]
}

function player(film, index) {
	const video = Object.values(film.assets).find(({ kind, digest }) => kind === 'video' && digest)
	return video ? h('video', { key: video.id, src: contentUrl(video), controls: true, playsinline: true, preload: 'metadata', muted: index > 0, 'aria-label': `${index ? 'Second' : 'First'} film: ${filmName(film)}`,
		onplay: keepStep, onpause: keepStep, onseeking: keepStep, onratechange: keepStep }) : '–'
}

/** Where two films are of which the shorter stays at its end. */
const reached = (one, other) => Math.min(one.currentTime, other.duration)

/** What is done to one film is done to the other; the longer one goes on alone. What is done here comes back from the other, and finds both in step. */
function keepStep({ type, target }) {
	for (const other of target.closest('tr').querySelectorAll('video')) {
		if (other === target) continue
		if (Math.abs(reached(target, other) - reached(other, target)) > 0.3) other.currentTime = reached(target, other)
		other.playbackRate = target.playbackRate
		if (target.ended || other.ended || target.paused === other.paused) continue
		// A film that had ended plays on with the other when both are taken back.
		if (type === 'pause') other.pause()
		else if (type !== 'ratechange') for (const one of [target, other]) one.play()
	}
}

function scene(index, films) {
	const parts = ({ narration, images = [] } = {}) => [narration, ...images]
	const made = ({ assets, scenes }) => parts(scenes[index]).map((part) => assets[part?.id]).map((asset) => asset?.digest && asset)
	const value = (film) => [film.scenes[index]?.text, made(film).map((asset) => [asset?.digest, asset?.recipe?.model])]
	return row(`Scene ${index + 1}`, films, value, (film) => {
		const [voice, image] = made(film)
		return [h('div.frame', { 'data-shape': film.options.aspect_ratio }, image && h('img', { src: contentUrl(image), alt: `Picture of scene ${index + 1}`, loading: 'lazy' })),
			h('p.words', film.scenes[index]?.text), image && h('p.facts', { dir: 'ltr' }, dots(image.recipe.model, image.reused_from ? 'reused' : money(image.cost_usd))),
			voice && h('audio', { controls: true, preload: 'none', src: contentUrl(voice), 'aria-label': `Narration of scene ${index + 1}` })]
	})
}
