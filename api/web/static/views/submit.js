/** The form: what the film is made from, a button with its price, and groups of choices. Only what differs from the defaults is sent. */

import { api, button, choices, complaint, copy, dots, duration, field, forecast, h, headline, integer, isTransient, mend, number, object, plainly, plural, read, readable, render, retryDelay, ROOT, roughly, select, sentence } from '../core.js'

const LONGEST = 50_000
const DRAFT = `reelog-draft${ROOT}`
const SAMPLES = [['lighthouse', 'The lighthouse', 'en'], ['future-of-content', 'The future of content', 'en'], ['letter-to-the-sea', 'رسالة إلى البحر', 'ar']]
const SOURCES = { script: 'A script', topic: 'A topic', scenes: 'Scenes' }
const REVIEW = { script: 'How it is divided into scenes', storyboard: 'What would be drawn', narration: 'How it is spoken', images: 'The pictures' }

export class View extends HTMLElement {
	/** What the film is made from: one of `SOURCES`. */
	#source = 'script'
	/** What `models.js` offers, once somebody looks at the models or at a voice. */
	#offers = null
	#listed = { data: [], voices: [] }
	/** Scenes, cast and files of one's own, once somebody brings some (`material.js`). */
	#material = null
	#kept = { presets: [], casts: [] }
	/** Values of a draft whose controls are not there yet. */
	#waiting = {}
	#busy = false
	#problem
	/** Why something that is chosen from is not there yet. */
	#unread
	#estimated
	#notices = []
	#voice
	/** The one that was asked for last. */
	#sample
	#asked
	#timer

	get #form() {
		return this.querySelector('form')
	}

	/** The request, as it is sent. */
	#body() {
		if (!this.#form) return {}
		const { options = {}, scenes, cast, ...body } = read(this.#form)
		const usual = this.#source === 'topic' ? ['script'] : []
		const review = Object.keys(REVIEW).filter((name) => this.#form.elements[`/options/review/${name}`].checked)
		delete options.review
		if (String(review) !== String(usual)) options.review = review
		if (Object.keys(options).length > 0) body.options = options
		// Whoever is named with nothing else said of it has a place, too.
		const list = (parts, count) => Array.from({ length: count }, (_, at) => parts?.[at] ?? {})
		if (this.#source === 'scenes') body.scenes = list(scenes, this.#material?.scenes.length ?? 0)
		if (this.#material?.cast.length) body.cast = list(cast, this.#material.cast.length)
		else if (typeof cast === 'string') body.cast = cast
		return body
	}

	#draw(body = this.#body()) {
		const own = body.scenes ?? body.cast ?? body.files
		const copied = (label, name) => button(label, async ({ target }) => readable(this.#form) && copy((await import('../snippets.js'))[name](this.#body()), target))
		const onkeydown = (event) => (event.ctrlKey || event.metaKey) && event.key === 'Enter' && this.#form.requestSubmit()
		const holdsFiles = ({ dataTransfer }) => dataTransfer.types.includes('Files')
		render(this, h('div.page', headline('A script goes in. ', h('em', 'A film comes out.')),
			h('form.submit', { novalidate: true, onkeydown, onsubmit: (event) => this.#submit(event), oninput: ({ target }) => this.#changed(target),
				ondragover: (event) => holdsFiles(event) && event.preventDefault(),
				ondrop: (event) => {
					if (!holdsFiles(event)) return
					event.preventDefault()
					const files = [...event.dataTransfer.files]
					this.#own((material) => material.drop(files, event.target))
				} },
			h('section.writing', { 'aria-label': 'What it is made from' },
				h('div.sources', { role: 'group', 'aria-label': 'Made from' }, Object.entries(SOURCES).map(([name, label]) => button(label, () => this.#from(name), { 'aria-pressed': String(name === this.#source) })),
					h('span.hint', 'or drop a file here')),
				this.#made(body)),
			this.#choices(body),
			h('section.sending', { 'aria-label': 'Send it' }, complaint(this.#problem ?? this.#unread), this.#material?.tray(),
				h('ul.notes', { 'aria-label': 'How it is read' }, this.#notices.map((text) => h('li', { dir: 'auto' }, text))),
				h('div.send', h(`button.primary${this.#busy ? '.busy' : ''}`, this.#busy ? 'Sending …' : 'Make the film'), h('p.estimate', { role: 'status' }, this.#estimated),
					h('span.copies', copied('Copy as curl', 'asCurl'), !own && copied('Copy as command', 'asCommand')))))))
	}

	#made(body) {
		const off = (name) => ({ hidden: name !== this.#source, key: name })
		const topic = (name, label, placeholder, tag = 'input') => field(`/topic/${name}`, label, h(tag, { dir: 'auto', disabled: this.#source !== 'topic', placeholder }))
		return [
			h('div.script-box', off('script'), field('/script', 'Script', h('textarea', { dir: 'auto', disabled: this.#source !== 'script', placeholder: 'Once upon a time …' })), measure(body),
				h('p.samples', 'Samples: ', SAMPLES.map(([file, name, lang]) => button(name, () => this.#take(file), { lang, dir: 'auto' })))),
			h('div.topic-box', off('topic'), topic('about', 'Topic', 'Why there are tides', 'textarea'), topic('audience', 'Audience', 'Children of ten'), topic('tone', 'Tone', 'Warm and a little funny'),
				h('p.hint', 'A model writes the script. Its facts are not checked, so the film waits for you to look at it, unless you say otherwise under Review.')),
			h('div.scenes-box', off('scenes'), this.#material?.rows(this.#source !== 'scenes')),
		]
	}

	#choices({ models, options, cast }) {
		const option = (name, ...parts) => field(`/options/${name}`, ...parts)
		const silent = options?.include_audio === false
		const tick = (name, label, disabled, checked = true) => h('label.switch', h('input', { type: 'checkbox', name: `/options/${name}`, checked, disabled }), label)
		const kept = (list) => list.map(({ name }) => name)
		return h('section.choosing', { 'aria-label': 'How the film is to be' },
			this.#group('Picture', 'Wide, the camera moves',
				choices('/options/aspect_ratio', 'Shape', [['16:9', 'Wide', h('span.shape.wide')], ['9:16', 'Tall', h('span.shape.tall')], ['1:1', 'Square', h('span.shape')]]),
				choices('/options/motion', 'Motion', [['camera', 'The camera moves'], ['generated', 'Each picture becomes a shot']]),
				option('style', 'Style', h('input', { dir: 'auto', maxlength: 2000, placeholder: 'Watercolour, soft morning light' })),
				h('div.pairs',
					option('resolution', 'Resolution', select('720p', '1080p', '2160p')),
					option('quality', 'Quality', select('Medium', ['low', 'Low, quicker'], ['high', 'High, slower'])),
					option('fps', 'Frames a second', select('30', 24, 25, 60)),
					option('max_images', 'Most pictures', number({ min: 1, max: 150, placeholder: 'One for 7 s' })))),
			this.#group('Captions', 'In the picture',
				choices('/options/captions', 'Captions', [['burned', 'In the picture'], ['sidecar', 'As a track'], ['none', 'None']]),
				option('caption_style', 'Lettering', select('Plain', ['card', 'On a dark card'], ['social', 'Large and bold'])),
				h('div', tick('captions_highlight', 'Captions show the spoken word', false, false), tick('caption_speakers', 'Captions name who speaks', false, false))),
			this.#group('Voice and music', 'A narrator, and music',
				h('div', tick('include_audio', 'Sound'), tick('narration', 'Narration', silent), tick('music', 'Music', silent)),
				option('voice', 'Voice', h('input', { list: 'voices', placeholder: 'Chosen to suit', disabled: silent, onfocus: () => this.#offer() }), button('Hear it', () => this.#hear()), h('span', { role: 'status' }, this.#voice)),
				h('datalist', { id: 'voices' }, this.#listed.voices.map(({ id, description, language }) => h('option', { value: id }, dots(description, language)))),
				option('voices', 'Who speaks', select('One narrator', ['cast', 'Each character in a voice of its own'])),
				option('pace', 'Pace', select('As it is spoken', [0.75, 'Much slower'], [0.9, 'Slower'], [1.1, 'Faster'], [1.25, 'Much faster']))),
			this.#group('Length and language', 'As the script needs',
				h('div.pairs',
					option('target_duration_s', 'Length in seconds', number({ min: 1, max: 3600, placeholder: 'As it needs' })),
					option('max_scenes', 'Most scenes', number({ min: 1, max: 100, placeholder: '12' })),
					field('/language', 'Language', h('input', { placeholder: 'Of the script' })),
					option('script_form', 'Read it as', select('What it looks like', ['prose', 'All to be spoken'], ['narration', 'Narration with notes'], ['dialogue', 'Dialogue'], ['screenplay', 'Screenplay'],
						['markdown', 'Markdown'], ['subtitles', 'Subtitles'], ['html', 'HTML or SSML'])))),
			this.#group('Models', 'The usual ones', this.#offers && Object.keys(this.#offers.KINDS).map((kind) => this.#offers.modelField('/models', kind, this.#listed.data, models))),
			this.#group('Your own material', 'None',
				this.#material ? this.#material.files(Array.isArray(cast)) : h('p.hint', 'It is being looked for …'),
				this.#kept.casts.length > 0 && !Array.isArray(cast) && field('/cast', 'A kept cast', select('None', ...kept(this.#kept.casts)))),
			this.#group('Review', this.#source === 'topic' ? 'Waits at the script' : 'Straight through',
				h('fieldset.field', h('legend', 'Wait until I have looked at'), h('div.ticks', Object.entries(REVIEW).map(([name, label]) => tick(`review/${name}`, label, false, this.#source === 'topic' && name === 'script'))))),
			this.#group('Budget and preset', 'No limit',
				field('/max_cost_usd', 'Budget in US dollars', number({ min: 0, step: 'any', placeholder: 'No limit' })),
				field('/preset', 'Preset', select('None', ...kept(this.#kept.presets)), 'Choices kept by name; what is chosen here goes before them. ', button('Keep these choices …', () => this.#keep())),
				h('div.pairs', field('/priority', 'Priority', select('Normal', ['high', 'High'], ['low', 'Low'])),
					option('on_lost_call', 'When a worker dies with a call in flight', select('Call again; the lost call may be billed too', ['stop', 'Stop and leave it to me'])))))
	}

	/** Choices that open; shut, they say what was chosen. */
	#group(name, usual, ...controls) {
		const id = `group-${name.split(' ').at(-1).toLowerCase()}`
		const place = this.querySelector(`#${id}`)
		return h('details.group', { id, ontoggle: ({ target }) => target.open && this.#opened(name) }, h('summary', h('b', name), h('span', { dir: 'auto' }, (place && chosen(place)) || usual)), h('div.group-in', controls))
	}

	#opened(name) {
		if (name === 'Models') this.#offer()
		if (name === 'Your own material') this.#own()
		if (/preset|material/.test(name)) this.#keptByName()
	}

	async connectedCallback() {
		this.#draw()
		const { source = 'script', values = {}, material } = draft()
		this.#source = source
		this.#waiting = values
		this.#draw()
		// Before anything is waited for, as whoever writes meanwhile would be written over.
		this.#restore()
		if (material) await this.#own((own) => own.restore(material))
		const names = Object.keys(values)
		if (names.some((name) => name.startsWith('/models/'))) await this.#offer()
		if (values['/preset'] || values['/cast']) await this.#keptByName()
		this.#changed()
	}

	disconnectedCallback() {
		clearTimeout(this.#timer)
		this.#asked?.abort()
	}

	/** Put what was chosen before into the controls that are there. */
	#restore() {
		for (const [name, value] of Object.entries(this.#waiting)) {
			const [control] = [this.#form.elements[name]].flat()
			if (!control || (control.tagName === 'SELECT' && ![...control.options].some((one) => one.value === value && !one.disabled))) continue
			if (typeof value === 'boolean') control.checked = value
			else control.value = value
			delete this.#waiting[name]
		}
	}

	#save() {
		const values = { ...this.#waiting }
		for (const control of this.#form.elements) {
			const { name, type, value, checked } = control
			if (!name?.startsWith('/') || type === 'hidden' || !changed(control)) continue
			values[name] = type === 'checkbox' ? checked : value
		}
		sessionStorage.setItem(DRAFT, JSON.stringify({ source: this.#source, values, material: this.#material?.state() }))
	}

	/** What is not answered now is asked for again, and then what waits for it is as it was chosen. */
	async #load(job) {
		const problem = (this.#unread = await job().then(() => null, (problem) => problem))
		if (problem && isTransient(problem)) setTimeout(() => this.isConnected && this.#load(job).then(() => this.#changed()), retryDelay(problem))
		this.#draw()
		this.#restore()
		this.#draw()
	}

	#offer() {
		return this.#offers ?? this.#load(async () => {
			const offers = await import('../models.js')
			this.#listed = await api.models()
			this.#offers = offers
		})
	}

	#keptByName() {
		return this.#load(async () => {
			const [presets, casts] = await Promise.all([api.presets(), api.casts()])
			this.#kept = { presets, casts }
		})
	}

	/** What people bring has a module of its own, which comes when they do. */
	#own(then) {
		return this.#load(async () => {
			this.#material ??= new (await import('./material.js')).Material({
				changed: () => this.#changed(), redraw: () => this.#draw(), script: (text) => this.#write(text), toScenes: () => this.#from('scenes'),
				set: (name, value) => (this.#form.elements[name].value = value), words: () => this.#form.elements['/script'].value,
			})
			await then?.(this.#material)
		})
	}

	async #from(source) {
		this.#source = source
		this.#problem = null
		const { activeElement: at } = document
		if (source === 'scenes') await this.#own((material) => material.begin())
		this.#changed()
		// Whoever writes elsewhere by now stays there.
		if ([at, document.body].includes(document.activeElement)) this.querySelector(`.${source}-box textarea`)?.focus()
	}

	async #keep() {
		if (!readable(this.#form)) return
		const name = prompt('Keep these choices under the name')
		if (!name) return
		const { script, topic, scenes, preset, ...values } = this.#body()
		this.#problem = await api.keepPreset(name, values).then(() => null, (problem) => problem)
		this.#draw()
		if (!this.#problem) await this.#keptByName()
	}

	async #take(file) {
		const mine = (this.#sample = {})
		const { value } = this.#form.elements['/script']
		const text = await fetch(`${ROOT}/static/samples/${file}.txt`).then((answer) => answer.text())
		// What was written meanwhile stays.
		if (mine === this.#sample && this.isConnected && this.#source === 'script' && this.#form.elements['/script'].value === value) this.#write(text.trim())
	}

	#write(text) {
		this.#source = 'script'
		this.#draw()
		const script = this.#form.elements['/script']
		script.value = text
		this.#changed(script)
		script.focus()
		script.setSelectionRange(0, 0)
		script.scrollTop = 0
	}

	async #hear() {
		const { voice } = this.#body().options ?? {}
		const source = voice && await import('../models.js').then(({ heard }) => heard(voice)).catch(() => null)
		this.#voice = source ? '' : voice ? `No film here speaks with ${voice} yet` : 'Name a voice to hear it'
		if (source && this.isConnected) new Audio(source).play()
		this.#draw()
	}

	#changed(control) {
		if (control) mend(control)
		this.#draw()
		const body = this.#body()
		this.#save()
		clearTimeout(this.#timer)
		this.#asked?.abort()
		if (readable(this.#form, false) && (body.script || body.topic || body.scenes?.some(({ text }) => text))) this.#timer = setTimeout(() => this.#estimate(body), 400)
		else [this.#estimated, this.#notices] = ['', []]
		// A second look, as what was chosen is said by what stands in the controls.
		this.#draw(body)
	}

	async #estimate(body) {
		const { signal } = (this.#asked = new AbortController())
		let told = []
		const words = await api.estimate(body, signal).then(
			({ cost, scenes, images, motion, seconds, basis, notices }) => (told = notices.map(({ message }) => message)) && [h('b', sentence(forecast(cost))), h('span', dots(
				lengthOf(body), plural(scenes, 'scene'), plural(images, 'picture'), motion && `${body.options?.motion ? 'of it' : 'with shots'} ${forecast(motion.cost)}${body.options?.motion ? ' for shots' : ' more'}`,
				roughly(seconds) ? `made in ${roughly(seconds)}` : 'how long it takes is not known yet', basis === 'measured' ? 'by calls on record' : 'by list prices'))],
			(problem) => {
				const { errors: [first] = [], message } = problem
				if (isTransient(problem) && !signal.aborted) this.#timer = setTimeout(() => this.#estimate(body), retryDelay(problem))
				return `No estimate: ${first ? plainly(first.message, this.#form) : message}`
			})
		if (signal.aborted) return
		this.#estimated = words
		this.#notices = told
		this.#draw(body)
	}

	async #submit(event) {
		event.preventDefault()
		if (this.#busy) return
		const body = this.#body()
		const missing = { script: 'Write a script first, or take a sample.', topic: 'Say first what the film is to be about.' }[this.#source]
		if (missing && !body[this.#source]) {
			const errors = [{ pointer: this.#source === 'topic' ? '/topic/about' : '/script', message: missing }]
			return object(this.#form, { errors })
		}
		this.#busy = true
		this.#draw()
		try {
			const { id } = await api.submit(body)
			sessionStorage.removeItem(DRAFT)
			// Whoever went elsewhere meanwhile stays there.
			if (this.isConnected) location.hash = `#/jobs/${id}`
		} catch (problem) {
			this.#problem = object(this.#form, problem)
		}
		this.#busy = false
		this.#draw()
	}
}

customElements.define('reel-submit', View)

function draft() {
	try {
		return JSON.parse(sessionStorage.getItem(DRAFT)) ?? {}
	} catch {
		return {}
	}
}

const changed = ({ type, checked, defaultChecked, value }) => (type === 'radio' ? checked && !defaultChecked : type === 'checkbox' ? checked !== defaultChecked : value.trim() !== '')

/** What differs from the usual in a group, in words. */
const chosen = (group) => [...group.querySelectorAll('[name^="/"]')].filter((control) => !control.disabled && changed(control)).map(({ type, labels, selectedOptions, value, checked, dataset }) => {
	const label = labels?.[0]?.textContent.trim()
	if (type === 'radio') return label
	if (type === 'checkbox') return checked ? label : `no ${label.toLowerCase()}`
	return selectedOptions ? selectedOptions[0].textContent : type === 'hidden' ? dataset.name : `${label}: ${value}`
}).join(' · ')

const secondsOf = (text) => (Math.max(text.split(/\s+/).filter(Boolean).length, Math.floor([...text].length / 12)) / 150) * 60

function lengthOf({ script, topic, scenes, options }) {
	const seconds = options?.target_duration_s ?? (topic ? 60 : secondsOf(script ?? scenes.map(({ text }) => text).join(' ')))
	return `${duration(seconds)} long`
}

function measure({ script = '' }) {
	const { length } = [...script]
	if (length > LONGEST) return h('p.count.over', `${integer(length)} characters: ${integer(length - LONGEST)} too many`)
	return h('p.count', length === 0 ? `Up to ${integer(LONGEST)} characters`
		: dots(plural(length, 'character'), `spoken in about ${duration(secondsOf(script))}`))
}
