/** Files of one's own on their way to the server: streamed from the disk, and what is refused is named. */

import { button, h, percent, Problem, ROOT } from './core.js'

/** What is dropped or chosen is one of these, or a text; the server looks into it and has the last word. */
export const TAKEN = 'image/*,video/*,audio/*'

/** Gives what the server keeps: `{digest, kind, …}`. Only this way of asking tells how much has gone already. */
export const send = (file, onprogress) => new Promise((resolve, reject) => {
	const fail = (status, told) => reject(new Problem(status, { detail: `${file.name}: ${told}` }))
	const request = Object.assign(new XMLHttpRequest(), {
		responseType: 'json',
		onload({ target: { status, response } }) {
			if (status < 300) resolve({ name: file.name, ...response })
			else fail(status, response?.errors?.[0]?.message ?? response?.detail ?? response?.title ?? `the server answered ${status}`)
		},
		onerror: () => fail(0, 'the server does not answer.'),
	})
	request.upload.onprogress = ({ loaded, total }) => onprogress(loaded / total)
	request.open('POST', `${ROOT}/v1/files`)
	request.send(file)
})

export const fileUrl = (digest) => `${ROOT}/v1/files/${digest}/content`

/** `use`: what is done with a file that is there and waits for whoever sent it. */
export const sending = ({ name, share, problem, use }) => (problem ? h('p.error', { role: 'alert', dir: 'auto' }, problem)
	: h('p.hint', { role: 'status' }, use ? [`${name} is here. `, button('Use it …', use)] : share < 1 ? `${name}: ${percent(share)} sent` : `${name} is looked into …`))

/** A button that opens a file; `label` is all that is read out. */
export const chooser = (label, accept, take, ...words) => h('label.button.quiet.chooser', h('input.unseen', { type: 'file', accept, multiple: true, 'aria-label': label,
	onchange({ target }) {
		take([...target.files])
		target.value = ''
	} }), words)

/** What an element needs to have files dropped on it. */
export const droppable = (take) => {
	const holdsFiles = ({ dataTransfer }) => dataTransfer.types.includes('Files')
	const mark = (event, on) => event.currentTarget.toggleAttribute('data-over', on)
	return {
		ondragover(event) {
			if (!holdsFiles(event)) return
			event.preventDefault()
			event.stopPropagation()
			mark(event, true)
		},
		ondragleave: (event) => event.currentTarget.contains(event.relatedTarget) || mark(event, false),
		ondrop(event) {
			mark(event, false)
			if (!holdsFiles(event)) return
			event.preventDefault()
			event.stopPropagation()
			take([...event.dataTransfer.files], event.target)
		},
	}
}
