/** The pages of the API: search, one language for all calls, and ids of the reader's own in the examples. */

import { ROOT } from './core.js'

const LANGUAGE = 'reelog-language'
const all = (selector, within = document) => [...within.querySelectorAll(selector)]

function search() {
	const field = document.querySelector('#search')
	const sections = all('.operation, .schema').map((section) => [section, section.textContent.toLowerCase()])
	const entries = all('.contents li').map((entry) => [entry, all('a', entry).map((link) => link.hash.slice(1))])
	const nothing = document.querySelector('#nothing')
	field.hidden = false
	const find = () => {
		const words = field.value.toLowerCase().split(/\s+/).filter(Boolean)
		const found = new Set()
		for (const [section, text] of sections) {
			section.hidden = !words.every((word) => text.includes(word))
			if (!section.hidden) found.add(section.id)
		}
		for (const tag of all('.tag')) {
			tag.hidden = words.length > 0 && !tag.querySelector('section:not([hidden])')
			if (!tag.hidden) found.add(tag.id)
		}
		for (const [entry, targets] of entries) entry.hidden = words.length > 0 && !targets.some((id) => found.has(id))
		nothing.hidden = sections.some(([section]) => !section.hidden)
	}
	field.addEventListener('input', find)
	document.addEventListener('keydown', (event) => {
		if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target.matches('input, textarea')) return
		event.preventDefault()
		field.focus()
	})
	if (field.value) find()
}

function languages() {
	const choose = (language) => {
		for (const radio of all(`.programs input[value="${language}"]`)) radio.checked = true
	}
	const kept = localStorage.getItem(LANGUAGE)
	if (kept) choose(kept)
	document.addEventListener('change', ({ target }) => {
		if (!target.closest?.('.programs')) return
		const before = target.getBoundingClientRect().top
		choose(target.value)
		// What is above may have become shorter: the reader stays where she is.
		scrollBy(0, target.getBoundingClientRect().top - before)
		localStorage.setItem(LANGUAGE, target.value)
	})
}

function copying() {
	for (const program of all('.program pre')) {
		const button = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet copy', textContent: 'Copy' })
		button.addEventListener('click', async () => {
			await navigator.clipboard.writeText(program.textContent)
			button.textContent = 'Copied'
			setTimeout(() => (button.textContent = 'Copy'), 2000)
		})
		program.before(button)
	}
}

/** JSON, or nothing: who is not signed in sees the ids of the examples. */
const json = async (path) => {
	const answer = await fetch(ROOT + path).catch(() => null)
	return answer?.ok ? answer.json() : null
}

async function ids() {
	const places = Map.groupBy(all('[data-fill]'), (place) => place.dataset.fill)
	const fill = (name, value) => {
		for (const place of (value && places.get(name)) || []) place.textContent = value
	}
	if (!places.has('job')) return
	const newest = async (status) => (await json(`/v1/jobs?limit=1&status=${status}`))?.data[0]?.id
	const job = await newest('completed')
	fill('job', job)
	if (job) {
		const assets = (await json(`/v1/jobs/${job}/assets`))?.data ?? []
		const image = assets.find(({ kind }) => kind === 'image')
		fill('asset-image', image?.id)
		fill('asset-video', assets.find(({ kind }) => kind === 'video')?.id)
		fill('prompt', image?.recipe.prompt_digest)
	}
	for (const status of ['cancelled', 'awaiting_review']) fill(`job-${status.replaceAll('_', '-')}`, await newest(status))
	document.documentElement.dataset.filled = ''
}

search()
languages()
copying()
ids()
