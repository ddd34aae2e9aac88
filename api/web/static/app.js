/** The frame: which view is shown for which address, and what the header says. */

import { api, button, h, headline, render, ROOT } from './core.js'

const [main, header, skip] = ['main', '.site', '.skip'].map((name) => document.querySelector(name))
/** Each is a module and a style sheet of the same name in `views/`, loaded when it is first opened. */
const VIEWS = { new: 'submit', jobs: 'jobs', job: 'job', compare: 'compare', workers: 'workers' }
const STATES = { live: 'Live', connecting: 'Connecting …', waiting: 'Server away, trying again …' }
const sheets = {}
let shown = {}
let connection = 'idle'
let ready = {}

/** `#/jobs/ID?at=N` → `{name: 'job', id, at}` */
function route() {
	const [path, query] = location.hash.slice(1).split('?')
	const [first, id, other] = path.split('/').filter(Boolean)
	if (first === 'compare') return { name: 'compare', id, other }
	if (first === 'workers') return { name: 'workers' }
	if (first !== 'jobs') return { name: 'new' }
	return id ? { name: 'job', id, at: Number.parseInt(new URLSearchParams(query).get('at')) || null } : { name: 'jobs' }
}

async function go() {
	const to = route()
	if (['name', 'id', 'other'].every((part) => to[part] === shown[part])) return shown.view?.move?.(to)
	const first = !shown.name
	shown = to
	drawHeader()
	const View = await load(VIEWS[to.name]).catch(() => null)
	// Somebody who went elsewhere meanwhile sees that.
	if (shown !== to) return
	if (!View) return away()
	document.title = 'Reelog'
	shown.view = new View(route())
	main.replaceChildren(shown.view)
	scrollTo(0, 0)
	// A new page is announced by its heading; the first one by the browser itself.
	if (!first) main.querySelector('h1').focus({ preventScroll: true })
}

/** A browser remembers that a module did not come, so only a page that is loaded anew asks for it again. */
function away() {
	render(main, h('div.page', headline('This view did not come'), h('p', 'The server does not answer. What was typed is kept.'), button('Try again', () => location.reload())))
}

async function load(name) {
	const [{ View }] = await Promise.all([import(`./views/${name}.js`), sheets[name] ??= new Promise((resolve) => {
		const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${ROOT}/static/views/${name}.css`, onload: resolve, onerror: resolve })
		document.head.append(link)
	})])
	return View
}

function drawHeader() {
	const { provider, actors, reasons = [], crew: { crew: pools = {} } = {} } = ready
	// A place that no machine has room for: its films wait, and a person can help.
	const pending = Object.entries(pools).flatMap(([name, { places = [] }]) => places.filter((one) => one.reason).map((one) => `The ${name} wait: ${one.reason}`))
	const crew = reasons[0] ?? pending[0] ?? (actors === 'starting' && 'The crew is getting ready')
	const link = (name, href, label) => h('a', { href, 'aria-current': shown.name === name && 'page' }, label)
	render(header,
		h('a.mark', { href: '#/' }, h('span.dot'), 'Reelog'),
		h('nav', { 'aria-label': 'Main' }, link('new', '#/', 'New film'), link('jobs', '#/jobs', 'Films')),
		provider === 'emulator' && h('p', { id: 'provider' }, h('b', 'Emulator'), h('span', ' Pictures and voices are simulated')),
		/reelog_signed_in/.test(document.cookie) && h('form', { method: 'post', action: `${ROOT}/logout` }, h('button.quiet', 'Sign out')),
		h('p', { id: 'crew', 'data-state': crew ? 'waiting' : 'well' }, h('a', { href: '#/workers', 'aria-current': shown.name === 'workers' && 'page' }, crew || 'Workers')),
		connection !== 'idle' && h('p', { id: 'connection', 'data-state': connection }, connection !== 'live' && !navigator.onLine ? 'Offline' : STATES[connection]))
	return crew
}

async function ask() {
	ready = await api.ready().catch(() => ready)
	if (drawHeader()) setTimeout(ask, 3000)
}

addEventListener('connection', ({ detail }) => {
	connection = detail
	drawHeader()
	if (connection === 'live') ask()
})
// The fragment is the address of the view, so this link must not change it.
skip.onclick = (event) => {
	event.preventDefault()
	main.focus()
}
addEventListener('hashchange', go)
go()
ask()
