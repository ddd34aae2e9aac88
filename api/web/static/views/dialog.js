/** The one dialog, and plans of work that costs money: the price is told first. */

import { api, assetName, button, complaint, forecast, h, mend, object, plural, randomKey, read, render } from '../core.js'

const element = document.createElement('dialog')
element.setAttribute('aria-labelledby', 'dialog-title')
document.body.append(element)
addEventListener('hashchange', () => element.close())

let opened = 0

export function openDialog(title, ...children) {
	opened += 1
	fill(title, ...children)
	element.showModal()
}

const fill = (title, ...children) => render(element, h('header', h('h2', { id: 'dialog-title' }, title), button('Close', () => element.close())),
	h('div', { key: opened }, children))

/** `ask(changes)`: what it would take (`{reused, redone, cost}`). `act(changes, key)`: the same changes twice are one request. */
export function plan({ title, words, fields, verb, ask, act }) {
	let timer = null
	let turn = 0
	let changes = {}
	let key
	const form = () => element.querySelector('form')
	const draw = ({ price, parts, problem, ready = false, open = fill } = {}) => open(title, h('form.plan', { novalidate: true, oninput: changed, onsubmit: submit },
		h('p', words), h('div.plan', fields(changes)), complaint(problem), h('p.price', { role: 'status' }, price), h('p.facts', parts),
		h('div.actions', h('button.primary', { disabled: !ready }, verb))))
	const fail = (error, ready) => draw({ problem: object(form(), error), ready })
	const reckon = async (mine) => {
		try {
			const { cost, redone, reused, changes: fitted = [] } = await ask(changes)
			const names = redone.map(assetName).map((name, index) => (index ? name.toLowerCase() : name))
			if (mine === turn) draw({ price: `${plural(redone.length, 'thing')} to make: ${forecast(cost)}`, parts: `${fitted.map((words) => `${sentence(words)}. `).join('')}${names.join(', ') || 'Nothing'}. Kept: ${reused.length || 'nothing'}.`, ready: true })
		} catch (error) {
			if (mine === turn) fail(error)
		}
	}
	const changed = (event) => {
		if (event) mend(event.target)
		changes = read(form())
		key = randomKey()
		clearTimeout(timer)
		const mine = ++turn
		draw({ price: 'Asking for the price …' })
		timer = setTimeout(reckon, 300, mine)
	}
	const submit = async (event) => {
		event.preventDefault()
		draw()
		try {
			await act(changes, key)
			element.close()
		} catch (error) {
			fail(error, true)
		}
	}
	draw({ open: openDialog })
	changed()
}

/** What a film is called, for everybody; `take` gets the job with its name. */
export const renamePlan = (job, take) => ask({
	title: 'Rename', verb: 'Rename', words: 'Whoever sees the film sees the name, and the record tells who gave it. Files that are made already keep the title they were made with. Empty: the title that the film was given.',
	field: ['Name', job.title ?? ''], act: (name) => api.rename(job.id, name).then(take),
})

/** Something is asked before it is done: `field` is what is written, its label and what stands there. */
export function ask({ title, words, verb, field, act }) {
	const draw = (open, problem) => open(title, h('form.plan', { onsubmit: submit }, h('p', words),
		field && h('label', field[0], h('input', { name: 'answer', dir: 'auto', value: field[1], maxlength: 200 })),
		complaint(problem), h('div.actions', h('button.primary', verb))))
	const submit = async (event) => {
		event.preventDefault()
		try {
			await act(event.target.elements.answer?.value)
			element.close()
		} catch (problem) {
			draw(fill, problem)
		}
	}
	draw(openDialog)
}
