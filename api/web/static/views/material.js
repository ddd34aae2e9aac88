/** What people bring to a film: scenes of their own, a cast, files. Loaded when somebody brings something. */

import { announce, button, field, h, icon, select } from '../core.js'
import { chooser, fileUrl, send, sending, TAKEN } from '../files.js'

const TEXTS = '.txt,.md,.srt,.vtt,.fountain,.html'
/** Where a file of each kind may go: a file of the whole film, or of a scene. */
const USES = {
	image: [['scene', 'In a scene', 'image'], ['style', 'As the style of all pictures'], ['logo', 'As the logo'], ['cast', 'As a character']],
	video: [['scene', 'In a scene', 'shot']],
	audio: [['music', 'As the music'], ['scene', 'As the voice-over of a scene', 'narration']],
}
const PLACES = { image: 'image', video: 'shot', audio: 'narration' }
const NAMES = { image: 'Picture', shot: 'Clip', narration: 'Voice-over', style: 'Style of all pictures', logo: 'Logo', music: 'Music' }

export class Material {
	/** Each `{key, files: {image, shot, narration}}`; their words stand in the controls. */
	scenes = []
	cast = []
	#files = {}
	/** On its way, or not yet put to a use. */
	#tray = []
	#next = 0

	constructor(form) {
		this.form = form
	}

	/** Files are sent once; what a draft keeps of them is what they are called. */
	state() {
		return { scenes: this.scenes.map(({ files }) => files), cast: this.cast.map(({ files }) => files), files: this.#files }
	}

	restore({ scenes, cast, files }) {
		this.scenes = scenes.map((one) => this.#one(one))
		this.cast = cast.map((one) => this.#one(one))
		this.#files = files
	}

	#one(files = {}) {
		return { key: this.#next++, files }
	}

	/** Each paragraph of the script is a scene to begin with. */
	begin() {
		if (this.scenes.length > 0) return
		const words = this.form.words().split(/\n\s*\n/).map((text) => text.trim()).filter(Boolean)
		this.scenes = (words.length ? words : ['']).map(() => this.#one())
		this.form.redraw()
		for (const [at, text] of words.entries()) this.form.set(`/scenes/${at}/text`, text)
	}

	async drop(files, target) {
		const row = target.closest?.('[data-scene]')?.dataset.scene
		for (const file of files) {
			if (file.type.startsWith('text/') || /\.(fountain|md|srt|vtt)$/i.test(file.name)) this.form.script(await file.text())
			else await this.#send(file, row)
		}
	}

	async #send(file, row) {
		const item = { key: this.#next++, name: file.name, share: 0 }
		this.#tray.push(item)
		this.form.redraw()
		try {
			const kept = await send(file, (share) => {
				item.share = share
				this.form.redraw()
			})
			Object.assign(item, kept, { done: true })
			const scene = this.scenes.find(({ key }) => String(key) === row)
			if (scene) this.#use(item, 'scene', PLACES[kept.kind], scene)
			else announce(`${file.name} is here. Say what it is for.`)
		} catch ({ message }) {
			item.problem = message
		}
		this.form.redraw()
	}

	async #use(item, use, place, scene) {
		const { digest, kind, name } = item
		const file = { digest, kind, name }
		this.#tray = this.#tray.filter((one) => one !== item)
		if (use === 'scene') {
			if (!scene) {
				await this.form.toScenes()
				scene = this.scenes.find(({ files }) => !files[place]) ?? (this.scenes.push(this.#one()), this.scenes.at(-1))
			}
			scene.files[place] = file
			announce(`${name} is the ${NAMES[place].toLowerCase()} of scene ${this.scenes.indexOf(scene) + 1}`)
		} else if (use === 'cast') this.cast.push(this.#one({ image: file }))
		else this.#files[use] = file
		this.form.changed()
	}

	/** Files that wait to be put to a use, and those that could not be taken. */
	tray() {
		const gone = (item) => button(icon('cross'), () => {
			this.#tray = this.#tray.filter((one) => one !== item)
			this.form.redraw()
		}, { 'aria-label': `Leave out ${item.name}` })
		return this.#tray.length > 0 && h('ul.tray', { 'aria-label': 'Files' }, this.#tray.map((item) => h('li', { key: item.key },
			item.done ? [thumb(item), h('b', { dir: 'auto' }, item.name), (USES[item.kind] ?? []).map(([use, label, place]) => button(label, () => this.#use(item, use, place), { class: 'quiet chip' }))] : sending(item),
			(item.done || item.problem) && gone(item))))
	}

	#given(name, label, file, drop) {
		return file && h('div.given', { key: name.split('/').at(-1) }, thumb(file), h('span', { dir: 'auto' }, h('b', label), ' ', file.name), h('input', { type: 'hidden', name, value: file.digest, 'data-name': label }),
			button(icon('cross'), () => {
				drop()
				this.form.changed()
			}, { 'aria-label': `Remove the ${label.toLowerCase()}` }), h('p.error', { id: `${name}-error`, hidden: true }))
	}

	rows(off) {
		const { scenes } = this
		const unseen = (at) => h('span.unseen', ` of scene ${at + 1}`)
		return [h('ol.scene-rows', scenes.map((scene, at) => h('li', { key: scene.key, 'data-scene': scene.key },
			this.#head(scenes, scene, at, 'scene'),
			field(`/scenes/${at}/text`, ['Words', unseen(at)], h('textarea', { rows: 2, dir: 'auto', disabled: off })),
			field(`/scenes/${at}/visual`, ['What is seen', unseen(at)], h('textarea', { rows: 1, dir: 'auto', disabled: off, placeholder: 'As the model sees it' })),
			Object.entries(scene.files).map(([place, file]) => !off && this.#given(`/scenes/${at}/${place}`, NAMES[place], file, () => delete scene.files[place])),
			h('div.tools', field(`/scenes/${at}/motion`, h('span.unseen', `How scene ${at + 1} moves`), (() => {
				const control = select('Moves as the film', ['camera', 'The camera moves'], ['generated', 'Becomes a shot'])
				control.props.disabled = off
				return control
			})()), chooser(`A picture, clip or voice-over for scene ${at + 1}`, TAKEN, (files) => files.forEach((file) => this.#send(file, String(scene.key))), 'Add a file …'))))),
		button('Add a scene', () => {
			scenes.push(this.#one())
			this.form.changed()
		})]
	}

	#head(list, one, at, what) {
		const name = `${what} ${at + 1}`
		const step = (by, sign, label) => button(sign, ({ currentTarget }) => {
			list.splice(at, 1)
			list.splice(at + by, 0, one)
			this.form.changed()
			announce(`${name} is number ${at + by + 1} now`)
			// Who moves it goes on from there.
			const steps = [currentTarget, ...currentTarget.parentNode.children]
			steps.find((it) => !it.disabled).focus()
		}, { disabled: !list[at + by], 'aria-label': `Move ${name} ${label}` })
		return h('div.row-head', h('b', `${what === 'scene' ? 'Scene' : 'Character'} ${at + 1}`), h('span', what === 'scene' && [step(-1, '↑', 'up'), step(1, '↓', 'down')],
			button(icon('cross'), () => {
				list.splice(at, 1)
				this.form.changed()
			}, { 'aria-label': `Remove ${name}` })))
	}

	/** The files of the whole film, and its characters. */
	files(hasCast) {
		const { cast } = this
		const who = (at) => h('span.unseen', ` of character ${at + 1}`)
		return [
			h('p.hint', 'Pictures, clips, voice-overs, songs, texts: drop them anywhere on this form, or choose them.'),
			chooser('Files of your own', `${TAKEN},${TEXTS}`, (files) => this.drop(files, document.body), 'Choose files …'),
			Object.entries(this.#files).map(([use, file]) => this.#given(`/files/${use}`, NAMES[use], file, () => delete this.#files[use])),
			h('ol.scene-rows', { hidden: !hasCast }, cast.map((member, at) => h('li', { key: member.key },
				this.#head(cast, member, at, 'character'),
				field(`/cast/${at}/name`, ['Name', who(at)], h('input', { dir: 'auto', maxlength: 100, placeholder: 'As the script says it' })),
				field(`/cast/${at}/look`, ['Looks', who(at)], h('textarea', { rows: 2, dir: 'auto', placeholder: 'An old woman in yellow oilskin' })),
				field(`/cast/${at}/voice`, ['Voice', who(at)], h('input', { list: 'voices', placeholder: 'Chosen to suit' }), 'Heard where each character has a voice'),
				this.#given(`/cast/${at}/image`, NAMES.image, member.files.image, () => delete member.files.image)))),
			button('Add a character', () => {
				cast.push(this.#one())
				this.form.changed()
			}),
		]
	}
}

const thumb = ({ kind, digest }) => (kind === 'image' ? h('img.thumb', { src: fileUrl(digest), alt: '' }) : h('span.thumb', { 'aria-hidden': 'true' }, kind === 'video' ? '▶' : '♪'))
