/** The one dialog, and plans of work that costs money: the price is told first. */

import { api, assetName, button, complaint, forecast, h, isTransient, mend, object, plural, randomKey, read, readable, render, retryDelay, sentence } from '../core.js'

let opened = null
let offered = null
let turn = 0
addEventListener('hashchange', () => {
	turn += 1
	opened?.close()
	offered?.remove()
})

/** Each is an element of its own, so that what comes late for one that was closed is not drawn over the next, and does not close it. */
export function openDialog(title, ...children) {
	turn += 1
	opened?.close()
	opened?.remove()
	offered?.remove()
	opened = document.createElement('dialog')
	opened.setAttribute('aria-labelledby', 'dialog-title')
	opened.onclose = ({ target }) => target.remove()
	document.body.append(opened)
	fill(opened, title, ...children)
	opened.showModal()
	return opened
}

const fill = (dialog, title, ...children) => render(dialog,
	h('header', h('h2', { id: 'dialog-title' }, title), button('Close', () => dialog.close())), h('div', children))

/** Whoever writes or chooses is not taken from that by what comes late. */
export const isWriting = () => document.activeElement.matches('textarea, select, input:not([type=file])')

/** Open a dialog once what it needs is there, unless whoever asked for it has opened another or gone elsewhere meanwhile; to who writes by then it is offered. */
export async function openWith(title, needed, open) {
	const mine = (turn += 1)
	offered?.remove()
	const found = await needed
	if (mine !== turn) return
	if (!isWriting()) return open(found)
	offered = document.createElement('p')
	offered.className = 'offered'
	offered.setAttribute('role', 'status')
	document.body.append(offered)
	render(offered, `${title}: it is here. `, button('Open it …', () => open(found)), button('Not now', () => offered.remove()))
}

/** What is on its way is not sent again; the button stays where it is, with the focus of who pressed it. */
const primary = (verb, busy, props) => h('div.actions', h(`button.primary${busy ? '.busy' : ''}`, props ?? {}, verb))

/**
 * `ask(changes)`: what it would take (`{reused, redone, cost}`). `act(changes, key)`: the same changes twice are one request.
 * `then`: where one goes from there with what it gave, which only who has not closed the dialog meanwhile does.
 */
export function plan({ title, words, fields, verb, ask, act, then }) {
	let timer = null
	let asked = 0
	let changes = {}
	let key
	let busy = false
	let shown = {}
	const content = () => h('form.plan', { novalidate: true, oninput: changed, onsubmit: submit },
		h('p', words), h('div.plan', fields(changes)), complaint(shown.problem),
		h('div.sum', h('p.price', { role: 'status' }, shown.price), h('p.facts', shown.parts), primary(verb, busy, { disabled: !shown.ready })))
	const show = (next) => {
		shown = next
		fill(dialog, title, content())
	}
	const reckon = async (mine) => {
		const next = await ask(changes).then(({ cost, redone, reused, changes: fitted = [] }) => {
			const names = redone.map(assetName).map((name, index) => (index ? name.toLowerCase() : name))
			return { price: `${plural(redone.length, 'thing')} to make: ${forecast(cost)}`, parts: `${fitted.map((words) => `${sentence(words)}. `).join('')}${names.join(', ') || 'Nothing'}. Kept: ${reused.length || 'nothing'}.`, ready: true }
		}, (error) => ({ error }))
		if (mine !== asked || !dialog.open) return
		if (next.error && isTransient(next.error)) timer = setTimeout(reckon, retryDelay(next.error), mine)
		show(next.error ? { problem: object(form, next.error, false) } : next)
	}
	const changed = (event) => {
		if (event) mend(event.target)
		clearTimeout(timer)
		asked += 1
		key = randomKey()
		changes = read(form)
		const whole = readable(form, false)
		show(whole ? { price: 'Asking for the price …' } : {})
		// Once more, as with another choice another field may stand where one was written in.
		changes = read(form)
		if (whole) timer = setTimeout(reckon, 300, asked)
	}
	const submit = async (event) => {
		event.preventDefault()
		if (busy || !shown.ready) return
		busy = true
		show({ ...shown, problem: null })
		try {
			const made = await act(changes, key)
			if (!dialog.open) return
			dialog.close()
			then?.(made)
		} catch (error) {
			busy = false
			if (dialog.open) show({ ...shown, problem: object(form, error) })
		}
	}
	const dialog = openDialog(title, content())
	const form = dialog.querySelector('form')
	dialog.addEventListener('close', () => clearTimeout(timer))
	changed()
}

/** What a film is called, for everybody; `take` gets the job with its name. */
export const renamePlan = (job, take) => ask({
	title: 'Rename', verb: 'Rename', words: 'Whoever sees the film sees the name, and the record tells who gave it. Files that are made already keep the title they were made with. Empty: the title that the film was given.',
	field: ['Name', job.title ?? ''], act: (name) => api.rename(job.id, name).then(take),
})

/** Something is asked before it is done: `field` is what is written, its label and what stands there. */
export function ask({ title, words, verb, field, act }) {
	let busy = false
	let answer = field?.[1]
	const content = (problem) => h('form.plan', { oninput: ({ target }) => (answer = target.value), onsubmit: submit }, h('p', words),
		field && h('label', field[0], h('input', { name: 'answer', dir: 'auto', value: answer, maxlength: 200 })),
		complaint(problem), primary(verb, busy))
	const submit = async (event) => {
		event.preventDefault()
		if (busy) return
		busy = true
		fill(dialog, title, content())
		try {
			await act(answer)
			dialog.close()
		} catch (problem) {
			busy = false
			fill(dialog, title, content(problem))
		}
	}
	const dialog = openDialog(title, content())
}
