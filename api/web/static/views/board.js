/**
 * The storyboard as a board: its scenes are cards to put in another order, to word, draw and speak anew, to give
 * what is one's own, to hear. What a change costs is told before it is saved, what the rest costs before it goes on.
 */

import { announce, api, button, complaint, contentUrl, ended, field, forecast, h, icon, isTransient, mend, number, object, part, plural, randomKey, read, retryDelay, ROOT, sentence } from '../core.js'
import { chooser, droppable, send, sending, TAKEN } from '../files.js'
import { assetOf } from '../fold.js'
import { isWriting } from './dialog.js'
import { againPlan, providePlan, wordsPlan } from './plans.js'

const DOCUMENTS = ['script', 'analysis', 'storyboard', 'audio_plan', 'music']
const LOOK = { script: 'how it is divided into scenes', storyboard: 'what would be drawn', narration: 'how it sounds', images: 'the pictures' }
const PLACES = { image: 'image', video: 'shot', audio: 'narration' }

/** A dialog over the board may ask for the same. */
const ownField = (name, label, control, ...hint) => {
	control.props.id = `board${name}`
	return field(name, label, control, ...hint)
}

export class Board {
	/** As the scenes are to play; null is as they do. */
	#order = null
	/** What the analysis says; until it has come nobody writes over what it will say. */
	#known = { scenes: [], removed: [], awaited: true }
	#digest
	#rest
	#restAt
	/** Why it is not known what the rest costs. */
	#unknown
	#price
	#problem
	#turn = 0
	#timer
	#key
	#busy = false
	#sent = {}
	#voices = []
	/** As it is written, which what is done to scenes does not change. */
	#budget = ''
	#draft

	constructor(view, redraw) {
		Object.assign(this, { view, redraw })
		this.#draft = `reelog-board${ROOT}/${view.film.id}`
	}

	get #form() {
		return this.view.querySelector('form.board')
	}

	get #playing() {
		return this.job.scenes.map(({ scene }) => scene)
	}

	#changes() {
		const { scenes } = this.#form ? read(this.#form) : {}
		return { ...(scenes && { scenes }), ...(this.#order && { order: this.#order }) }
	}

	/** Whether something is changed and not saved. */
	get isOpen() {
		return Object.keys(this.#changes()).length > 0
	}

	draw(job, story) {
		// Its cards are there after this drawing.
		if (!this.job) queueMicrotask(() => this.#restore())
		Object.assign(this, { job, story })
		this.#look()
		const order = this.#order ?? this.#playing
		const removed = [...this.#playing, ...this.#known.removed.map((scene) => scene.number)].filter((one, at, all) => !order.includes(one) && all.indexOf(one) === at)
		return part('Storyboard', h('form.board', { novalidate: true, oninput: ({ target }) => this.#changed(target), onsubmit: (event) => this.#submit(event) },
			this.#bar(),
			h('ol.cards', { 'data-shape': job.options.aspect_ratio }, order.map((one, place) => this.#card(one, place, order))),
			removed.length > 0 && h('p.removed', 'Taken out: ', removed.map((one) => button(`Bring scene ${one} back`, () => {
				this.#reorder([...order, one])
				this.#goOn(one, 'out')
			}, { key: one, 'data-step': `${one} back` }))),
			h('datalist', { id: 'board-voices' }, this.#voices.map(({ id, description }) => h('option', { value: id }, description))),
			this.#whole()))
	}

	#bar() {
		const { status, review, cost } = this.job
		const waits = status === 'awaiting_review'
		const { isOpen: open } = this
		const under = !waits && !ended(status)
		const busy = this.#busy || under || !(open ? this.#price?.ready : this.#rest)
		return h('div.board-bar',
			complaint(this.#problem ?? (!open && this.#unknown)),
			h('p', under ? 'The film is being made. Your changes can be saved when it waits again, or has ended.' : open ? 'Your changes are not saved yet.' : waits ? `Look at ${LOOK[review] ?? `the ${review}`}. Change what you like, then let it go on.`
				: 'Change words, pictures, voices or the order. What it costs is told first, and only what follows from it is made again.'),
			h('div.actions',
				// Each is itself: one that became another while it is pressed would do what that one does.
				open && [h('button.primary', { key: 'save', disabled: busy }, 'Save the changes'), button('Undo them', () => this.#reset(), { key: 'undo' })],
				!open && waits && h('button.primary', { key: 'go', disabled: busy }, this.#rest ? `Go on: the rest costs ${forecast(this.#rest.cost)}` : 'Go on'),
				h('p.price', { role: 'status' }, open && this.#price?.words)),
			open && this.#price?.parts && h('p.facts', this.#price.parts),
			waits && h('details', { hidden: open }, h('summary', 'Budget'), ownField('/max_cost_usd', 'Budget in US dollars, for the whole film', number({ min: 0, step: 'any', disabled: open, value: this.#budget }),
				cost.max_usd == null ? 'It has no limit' : `It is $${cost.max_usd}`)))
	}

	#card(one, place, order) {
		const { view, story } = this
		const { awaited } = this.#known
		const known = this.#knownOf(one)
		const scene = this.job.scenes.find(({ scene }) => scene === one) ?? { text: known.narration, images: [] }
		const assets = (kind, parts) => parts.filter(Boolean).map(({ id }) => story.assets.get(id) ?? { id, kind, name: `${kind}:${one}` })
		const places = { image: assets('image', scene.images), shot: assets('shot', scene.shots ?? []), narration: assets('narration', [scene.narration]) }
		const { image: pictures, narration: [voice] } = places
		const again = Object.values(places).flat().filter(({ status }) => status === 'generated' || status === 'failed')
		const own = pictures[0]?.provided
		const unseen = (words) => h('span.unseen', ` of scene ${one}${words ?? ''}`)
		const source = (asset) => asset?.status === 'generated' && contentUrl(asset)
		const step = (by, sign, label) => h('button.quiet.round', { type: 'button', disabled: !order[place + by], 'aria-label': `${label} scene ${one}`, 'data-step': `${one} ${by}`, onclick: () => this.#move(one, place + by, by) }, sign)
		const text = (name, label, value, rows, off, ...hint) => ownField(`/scenes/${one}/${name}`, [label, unseen()], h('textarea', { rows, dir: 'auto', disabled: off }, value), ...hint)
		return h('li.board-card', { key: one, ...this.#drag(one, place, order, places) },
			h('div.card-top', { draggable: 'true', ondragstart: ({ dataTransfer }) => dataTransfer.setData('text/x-scene', one) },
				h('h3', `Scene ${one}`), h('div.steps', step(-1, '←', 'Move earlier:'), step(1, '→', 'Move later:'),
					order.length > 1 && h('button.quiet.round', { type: 'button', 'aria-label': `Take out scene ${one}`, 'data-step': `${one} out`, onclick: () => this.#takeOut(one, order) }, icon('cross')))),
			h('div.stills', pictures.map((asset, beat) => h('div.still', { key: asset.id, 'data-asset': asset.id },
				source(asset) ? h('img', { src: source(asset), alt: `Picture ${pictures.length > 1 ? `${beat + 1} ` : ''}of scene ${one}`, loading: 'lazy', draggable: 'false' })
					: h('span.hint', asset.status === 'failed' ? 'Failed' : asset.status === 'running' ? 'Drawing …' : 'Not drawn yet')))),
			text('text', 'Words', scene.text, 3, false),
			text('visual', 'What is seen', known.visual ?? '', 3, own || awaited, own ? 'A picture of your own' : awaited ? 'Asking what was planned …' : pictures[1] && 'With other words it has one picture'),
			voice && ownField(`/scenes/${one}/voice`, ['Voice', unseen()], h('input', { list: 'board-voices', disabled: voice.provided, placeholder: known.voice ?? (voice.provided ? 'A recording of your own' : 'As the film'), onfocus: () => this.#offer() })),
			source(voice) && h('audio', { key: source(voice), src: source(voice), controls: true, preload: 'none', 'aria-label': `The narration of scene ${one}` }),
			h('div.tools',
				again.length > 0 && button(['Make again', unseen()], () => view.dare(againPlan(`Make scene ${one} again`, again, this.#take))),
				chooser(`Your own picture, clip or voice for scene ${one}`, TAKEN, (files) => this.#give(one, files, places), 'Your own file …')),
			this.#sent[one] && sending(this.#sent[one]))
	}

	/** What is the whole film's. */
	#whole() {
		const { story, view } = this
		const made = DOCUMENTS.map((kind) => assetOf(story, kind)).filter((asset) => asset?.status === 'generated')
		const written = made.find(({ kind }) => kind === 'script')
		const music = assetOf(story, 'music')
		return h('div.whole',
			made.length > 0 && button('Make a part of the whole again', () => view.dare(againPlan('Make again', made, this.#take))),
			written && button('Use my own script', () => view.dare(wordsPlan(written, this.#take))),
			music && chooser('Your own music', 'audio/*', ([file]) => this.#send('music', file, () => music), 'Your own music …'),
			this.#sent.music && sending(this.#sent.music))
	}

	#knownOf(one) {
		return this.#known.scenes.find((scene, at) => (scene.number ?? at + 1) === one) ?? this.#known.removed.find(({ number }) => number === one) ?? {}
	}

	/** Learn what the cards say that the events do not, and what the rest costs, whenever it may be another. */
	async #look() {
		const { job, story } = this
		const analysis = assetOf(story, 'analysis')
		const digest = analysis?.product?.data.digest
		if (digest && digest !== this.#digest) {
			this.#digest = digest
			await api.content(analysis).then((known) => (this.#known = { removed: [], ...known }), (problem) => {
				this.#known.awaited = isTransient(problem)
				this.#later(problem, () => (this.#digest = null))
			})
			this.redraw()
			if (this.view.isConnected && this.isOpen) this.#changed()
		}
		if (job.position === this.#restAt || !(job.status === 'awaiting_review' || ended(job.status))) return
		this.#restAt = job.position
		if (this.isOpen) this.#changed()
		if (job.status !== 'awaiting_review') return
		this.#key = randomKey()
		this.#unknown = null
		this.#rest = await api.approve(job.id, { dry_run: true }).catch((problem) => {
			this.#unknown = problem
			this.#later(problem, () => (this.#restAt = null))
		})
		this.redraw()
	}

	/** Forget after a while that it was asked for, so that it is asked for again. */
	#later(problem, forget) {
		if (isTransient(problem)) setTimeout(() => this.redraw(forget()), retryDelay(problem))
	}

	/** Put back what was written and not saved before the view was left. */
	#restore() {
		const { order = null, values = {}, budget = '' } = JSON.parse(sessionStorage.getItem(this.#draft)) ?? {}
		this.#order = order
		this.#budget = budget
		for (const [name, value] of Object.entries(values)) if (this.#form.elements[name]) this.#form.elements[name].value = value
		if (this.isOpen) this.#changed()
	}

	#keep() {
		sessionStorage.setItem(this.#draft, JSON.stringify({ order: this.#order, values: this.#written(), budget: this.#budget }))
	}

	/** What is written into the cards and not saved, by the names of its fields. */
	#written() {
		const changed = [...this.#form.elements].filter(({ name, value, defaultValue }) => name.startsWith('/scenes/') && value !== defaultValue)
		return Object.fromEntries(changed.map(({ name, value }) => [name, value]))
	}

	async #offer() {
		if (this.#voices.length === 0) this.#voices = (await api.models().catch(() => ({}))).voices ?? []
		this.redraw()
	}

	#take = (job) => {
		this.#problem = null
		this.view.take(job)
	}

	#changed(control) {
		if (control) mend(control)
		if (control?.name === '/max_cost_usd') this.#budget = control.value
		this.#keep()
		this.#problem = null
		this.#price = { words: 'Asking for the price …' }
		clearTimeout(this.#timer)
		const [mine, asked] = [++this.#turn, this.#changes()]
		const mute = [...this.#form.elements].find(({ name, value, defaultValue }) => /text$/.test(name) && defaultValue && !value.trim())
		if (mute) {
			this.#price = null
			object(this.#form, { errors: [{ pointer: mute.name, message: 'A scene needs words. To leave it out, take it out.' }] }, false)
			return this.redraw()
		}
		this.#key = randomKey()
		if (Object.keys(asked).length > 0) this.#timer = setTimeout(() => this.#reckon(mine, asked), 400)
		this.redraw()
	}

	async #reckon(mine, asked) {
		const price = await api.scenes(this.job.id, { ...asked, dry_run: true }).then(
			({ redone, cost, edits }) => ({ ready: true, words: redone.length ? `${plural(redone.length, 'thing')} to make: ${forecast(cost)}` : 'Nothing to make', parts: edits.map(sentence).join('. ') }),
			(problem) => ({ problem }))
		if (mine !== this.#turn || !this.#form?.isConnected) return
		this.#problem = price.problem && object(this.#form, price.problem, false)
		if (price.problem && isTransient(price.problem)) this.#timer = setTimeout(() => this.#reckon(mine, asked), retryDelay(price.problem))
		this.#price = price
		this.redraw()
	}

	async #submit(event) {
		event.preventDefault()
		if (this.#busy) return
		const changes = this.#changes()
		const { max_cost_usd } = read(this.#form)
		const [written, order] = [this.#written(), this.#order]
		const open = Object.keys(changes).length > 0
		const wrong = this.#form.querySelector('[aria-invalid]')
		if (wrong || (!open && this.job.status !== 'awaiting_review')) return wrong?.focus()
		this.#busy = true
		this.redraw()
		try {
			this.#take(await (open ? api.scenes(this.job.id, changes, this.#key) : api.approve(this.job.id, max_cost_usd == null ? {} : { max_cost_usd }, this.#key)))
			if (open) this.#reset(written, order)
			else {
				this.#budget = ''
				sessionStorage.removeItem(this.#draft)
			}
		} catch (problem) {
			this.#problem = object(this.#form, problem)
		}
		this.#busy = false
		this.redraw()
	}

	/** As it was before anything was written; what was written since `written` and `order` were sent stays. */
	#reset(written = this.#written(), order = this.#order) {
		const later = Object.entries(this.#written()).filter(([name, value]) => value !== written[name])
		if (this.#order === order) this.#order = null
		this.#price = this.#problem = null
		this.#turn += 1
		this.#form.reset()
		// Before it is drawn: what is written keeps the board open, also where the job goes on.
		for (const [name, value] of later) this.#form.elements[name].value = value
		this.#keep()
		this.redraw()
		if (this.isOpen) this.#changed()
	}

	#reorder(order) {
		const same = order.length === this.#playing.length && order.every((one, at) => one === this.#playing[at])
		this.#order = same ? null : order
		this.#changed()
	}

	#move(one, place, by) {
		const order = (this.#order ?? this.#playing).filter((other) => other !== one)
		order.splice(place, 0, one)
		this.#reorder(order)
		announce(`Scene ${one} plays as number ${place + 1} of ${order.length}`)
		if (by) this.#goOn(one, by, -by)
	}

	#takeOut(one, order) {
		this.#reorder(order.filter((other) => other !== one))
		this.#goOn(one, 'back')
	}

	/** Who moves a card by its button goes on from there. */
	#goOn(one, ...steps) {
		steps.map((step) => this.#form.querySelector(`[data-step="${one} ${step}"]`)).find((it) => !it.disabled)?.focus()
	}

	#drag(one, place, order, places) {
		const files = droppable((list, target) => this.#give(one, list, places, target.closest('[data-asset]')?.dataset.asset))
		return {
			...files,
			ondragover(event) {
				if (event.dataTransfer.types.includes('text/x-scene')) event.preventDefault()
				files.ondragover(event)
			},
			ondrop: (event) => {
				const moved = Number(event.dataTransfer.getData('text/x-scene'))
				if (!moved) return files.ondrop(event)
				event.preventDefault()
				if (moved !== one) this.#move(moved, place)
			},
		}
	}

	#give(one, [file], places, onto) {
		this.#send(one, file, ({ kind }) => places[PLACES[kind]].find(({ id }) => id === onto) ?? places[PLACES[kind]][0])
	}

	/** Send a file, then say what follows and what that costs. */
	async #send(where, file, place) {
		const tell = (state) => {
			this.#sent[where] = state
			this.redraw()
		}
		if (!file) return
		tell({ name: file.name, share: 0 })
		try {
			const kept = await send(file, (share) => tell({ name: file.name, share }))
			const asset = place(kept)
			if (!asset) throw new Error(`${file.name}: there is no place for a ${kept.kind} in this scene.`)
			const use = () => {
				tell(null)
				providePlan(asset, kept, this.#take)
			}
			if (!this.view.isConnected) return
			// Whoever writes by now, or is at another dialog, goes on with that.
			if (isWriting() || document.querySelector('dialog[open]')) tell({ name: file.name, use })
			else use()
		} catch ({ message }) {
			tell({ problem: message })
		}
	}
}

// Its looks come with it.
document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: new URL('board.css', import.meta.url).href }))
