/** The frame: which view is shown for which address, and what the header says. */

import { api, ROOT } from './api.js'
import { h, render } from './dom.js'
import { onState } from './live.js'
import { CompareView } from './views/compare.js'
import { JobView } from './views/job.js'
import { JobsView } from './views/jobs.js'
import { SubmitView } from './views/submit.js'
import { WorkersView } from './views/workers.js'

const [main, header, skip] = ['main', '.site', '.skip'].map((name) => document.querySelector(name))
const VIEWS = { new: SubmitView, jobs: JobsView, job: JobView, compare: CompareView, workers: WorkersView }
const STATES = { live: 'Live', connecting: 'Connecting …', waiting: 'Server away, trying again …' }
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

function go() {
	const to = route()
	if (['name', 'id', 'other'].every((part) => to[part] === shown[part])) return shown.view.move?.(to)
	const first = !shown.view
	document.title = 'Reelog'
	shown = { ...to, view: new VIEWS[to.name](to) }
	main.replaceChildren(shown.view)
	drawHeader()
	scrollTo(0, 0)
	// A new page is announced by its heading; the first one by the browser itself.
	if (!first) main.querySelector('h1').focus({ preventScroll: true })
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

onState((state) => {
	connection = state
	drawHeader()
	if (state === 'live') ask()
})
// The fragment is the address of the view, so this link must not change it.
skip.onclick = (event) => {
	event.preventDefault()
	main.focus()
}
addEventListener('hashchange', go)
go()
ask()
