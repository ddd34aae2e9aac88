/** The form: a script and how the film is to be. Only what differs from the defaults is sent. */

import { api, button, choices, complaint, copy, dots, duration, field, forecast, h, headline, integer, mend, number, object, plural, randomKey, read, render, ROOT, roughly, select } from '../core.js'

const LONGEST = 50_000
const DRAFT = 'reelog-draft'
const SAMPLES = [['lighthouse', 'The lighthouse', 'en'], ['future-of-content', 'The future of content', 'en'], ['letter-to-the-sea', 'رسالة إلى البحر', 'ar']]

export class View extends HTMLElement {
	/** What `models.js` offers, once somebody looks at the models. */
	#offers = null
	#models = []
	#busy = false
	#key
	#sent
	#problem
	#estimated
	#notices = []
	#voice
	#asked
	#timer

	constructor() {
		super()
		this.#draw({})
		this.#form.elements['/script'].value = sessionStorage.getItem(DRAFT)
	}

	get #form() {
		return this.querySelector('form')
	}

	#draw(body = read(this.#form)) {
		const copied = (label, name) => button(label, async ({ target }) => copy((await import('../snippets.js'))[name](read(this.#form)), target))
		const onkeydown = (event) => (event.ctrlKey || event.metaKey) && event.key === 'Enter' && this.#form.requestSubmit()
		render(this, h('div.page', headline('A script goes in. ', h('em', 'A film comes out.')),
			h('form.submit', { novalidate: true, onsubmit: (event) => this.#submit(event), oninput: ({ target }) => this.#changed(target), onkeydown },
				h('section.writing', field('/script', 'Script', h('textarea', { dir: 'auto', placeholder: 'Once upon a time …' })), measure(body),
					h('p.samples', 'Samples: ', SAMPLES.map(([file, name, lang]) => button(name, () => this.#take(file), { lang, dir: 'auto' })))),
				this.#choices(body),
				h('section.sending', { 'aria-label': 'Send it' }, complaint(this.#problem),
					h('ul.notes', { 'aria-label': 'How it is read' }, this.#notices.map((text) => h('li', { dir: 'auto' }, text))), h('div.send',
					h(`button.primary${this.#busy ? '.busy' : ''}`, this.#busy ? 'Sending …' : 'Make the film'),
					h('p.estimate', this.#estimated), h('span.copies', copied('Copy as curl', 'asCurl'), copied('Copy as command', 'asCommand')))))))
	}

	#choices({ models, options }) {
		const option = (name, ...parts) => field(`/options/${name}`, ...parts)
		const silent = options?.include_audio === false
		const tick = (name, label, disabled, checked = true) => h('label.switch', h('input', { type: 'checkbox', name: `/options/${name}`, checked, disabled }), label)
		return h('section.choosing', { 'aria-label': 'How the film is to be' },
			choices('/options/aspect_ratio', 'Shape', [['16:9', 'Wide', h('span.shape.wide')], ['9:16', 'Tall', h('span.shape.tall')], ['1:1', 'Square', h('span.shape')]]),
			choices('/options/motion', 'Motion', [['camera', 'The camera moves'], ['generated', 'Each picture becomes a shot']]),
			choices('/options/captions', 'Captions', [['burned', 'In the picture'], ['sidecar', 'As a track'], ['none', 'None']]),
			option('style', 'Style', h('input', { dir: 'auto', maxlength: 2000, placeholder: 'Watercolour, soft morning light' })),
			option('voice', 'Voice', h('input', { list: 'voices', placeholder: 'Chosen to suit', disabled: silent, onfocus: () => this.#offer() }), button('Hear it', () => this.#hear()), h('span', { role: 'status' }, this.#voice)),
			h('datalist', { id: 'voices' }, this.#offers?.voices(this.#models).map((value) => h('option', { value }))),
			h('details', { ontoggle: () => this.#offer() }, h('summary', 'Models'), this.#offers && h('div.choosing', Object.keys(this.#offers.KINDS).map((kind) => this.#offers.modelField('/models', kind, this.#models, models)))),
			h('details', h('summary', 'More options'),
				h('div.pairs',
					option('resolution', 'Resolution', select('720p', '1080p', '2160p')),
					option('quality', 'Quality', select('Medium', ['low', 'Low, quicker'], ['high', 'High, slower'])),
					option('fps', 'Frames a second', select('30', '24', '25', '60')),
					option('max_scenes', 'Most scenes', number({ min: 1, max: 100, placeholder: '12' })),
					option('max_images', 'Most pictures', number({ min: 1, max: 150, placeholder: 'One for 7 s' })),
					option('target_duration_s', 'Length in seconds', number({ min: 1, max: 3600, placeholder: 'As it needs' })),
					option('script_form', 'Read it as', select('What it looks like', ['prose', 'All to be spoken'], ['narration', 'Narration with notes'], 'dialogue', 'screenplay',
						['markdown', 'Markdown'], ['subtitles', 'subtitles'], ['html', 'HTML or SSML'])),
					field('/language', 'Language', h('input', { placeholder: 'Of the script' })),
					field('/priority', 'Priority', select('Normal', ['high', 'High'], ['low', 'Low']))),
				tick('include_audio', 'Sound'), tick('narration', 'Narration', silent), tick('music', 'Music', silent),
				tick('captions_highlight', 'Captions show the spoken word', false, false),
				option('on_lost_call', 'When a worker dies with a call in flight', select('Call again; the lost call may be billed too', ['stop', 'Stop and leave it to me']))),
			field('/max_cost_usd', 'Budget in US dollars', number({ min: 0, step: 'any', placeholder: 'No limit' })))
	}

	connectedCallback() {
		this.#changed()
	}

	async #offer() {
		if (this.#offers) return
		try {
			const offers = await import('../models.js')
			this.#models = await offers.modelList()
			this.#offers = offers
		} catch (problem) {
			this.#problem = problem
		}
		this.#draw()
	}

	disconnectedCallback() {
		clearTimeout(this.#timer)
		this.#asked?.abort()
	}

	async #take(file) {
		const text = await fetch(`${ROOT}/static/samples/${file}.txt`).then((answer) => answer.text())
		const script = this.#form.elements['/script']
		script.value = text.trim()
		this.#changed(script)
		script.focus()
		script.setSelectionRange(0, 0)
		script.scrollTop = 0
	}

	async #hear() {
		const { voice } = read(this.#form).options ?? {}
		const source = voice && await import('../models.js').then(({ heard }) => heard(voice)).catch(() => null)
		this.#voice = source ? '' : voice ? `No film here speaks with ${voice} yet` : 'Name a voice to hear it'
		if (source) new Audio(source).play()
		this.#draw()
	}

	#changed(control) {
		if (control) mend(control)
		const body = read(this.#form)
		sessionStorage.setItem(DRAFT, body.script ?? '')
		clearTimeout(this.#timer)
		this.#asked?.abort()
		if (body.script) this.#timer = setTimeout(() => this.#estimate(body), 400)
		else [this.#estimated, this.#notices] = ['', []]
		this.#draw(body)
	}

	async #estimate(body) {
		const { signal } = (this.#asked = new AbortController())
		let told = []
		const words = await api.estimate(body, signal).then(
			({ cost, scenes, images, motion, seconds, basis, notices }) => (told = notices.map(({ message }) => message)) && dots(`About ${plural(scenes, 'scene')}`, plural(images, 'picture'), forecast(cost),
				motion && `${body.options?.motion ? 'of it' : 'with shots'} ${forecast(motion.cost)}${body.options?.motion ? ' for shots' : ' more'}`, roughly(seconds) ?? 'how long is not known yet', basis === 'measured' ? 'by calls on record' : 'by list prices'),
			({ errors, message }) => `No estimate: ${errors?.[0]?.message ?? message}`)
		if (signal.aborted) return
		this.#estimated = words
		this.#notices = told
		this.#draw(body)
	}

	async #submit(event) {
		event.preventDefault()
		if (this.#busy) return
		const asked = read(this.#form)
		if (!asked.script) return object(this.#form, { errors: [{ pointer: '/script', message: 'Write a script first, or take a sample.' }] })
		const body = JSON.stringify(asked)
		// The same request twice (an impatient click, an answer lost on the way) is the same job.
		if (body !== this.#sent) this.#key = randomKey()
		this.#sent = body
		this.#busy = true
		this.#draw()
		try {
			const { id } = await api.submit(body, this.#key)
			sessionStorage.removeItem(DRAFT)
			location.hash = `#/jobs/${id}`
		} catch (problem) {
			this.#problem = object(this.#form, problem)
		}
		this.#busy = false
		this.#draw()
	}
}

customElements.define('reel-submit', View)

function measure({ script = '' }) {
	const { length } = [...script]
	const words = Math.max(script.split(/\s+/).filter(Boolean).length, Math.floor(length / 12))
	if (length > LONGEST) return h('p.count.over', `${integer(length)} characters: ${integer(length - LONGEST)} too many`)
	return h('p.count', length === 0 ? `Up to ${integer(LONGEST)} characters`
		: dots(plural(length, 'character'), `spoken in about ${duration((words / 150) * 60)}`))
}
