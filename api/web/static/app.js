/** The frame: which view is shown for which address, and what the header says. */

import { ANEW, api, button, h, headline, now, render, ROOT, time } from './core.js'

const [main, header, skip, notice] = ['main', '.site', '.skip', '#notice'].map((name) => document.querySelector(name))
/** Each is a module and a style sheet of the same name in `views/`, loaded when it is first opened. */
const VIEWS = { new: 'submit', jobs: 'jobs', job: 'job', compare: 'compare', workers: 'workers', webhooks: 'webhooks' }
/** What a view imports, and what that imports: asked for all at once, as each file that is only found in another is a round trip. */
const IMPORTED = { job: 'film fold live models snippets views/dialog views/events views/explain views/failure views/inspector views/plans views/player views/progress views/provenance views/record views/scale views/scenes views/stages views/texts views/waterfall', jobs: 'live steady views/dialog', webhooks: 'steady views/dialog' }
/** How often the server is asked how it is: while something is wrong, and else. */
const [TROUBLED, WELL] = [3000, 20_000]
/** A connection that is made anew at once is nothing to speak of. */
const MOMENT = 2000
/** So many events are folded at once: who opens a page meanwhile sees what was before all of them. */
const MANY = 1000
const STATES = { live: 'Live', connecting: 'Connecting …', waiting: 'Server away, trying again …' }
const sheets = {}
let shown = {}
let connection = 'idle'
let ready = {}
let asking
let signedOut = false
/** When the page last heard of the films; null before it ever did. */
let heard = null

/** `#/jobs/ID?at=N` → `{name: 'job', id, at}` */
function route() {
	const [path, query] = location.hash.slice(1).split('?')
	const [first, id, other] = path.split('/').filter(Boolean)
	if (first === 'compare') return { name: 'compare', id, other }
	if (first === 'workers') return { name: 'workers' }
	if (first === 'webhooks') return { name: 'webhooks', id }
	if (first !== 'jobs') return { name: 'new' }
	return id ? { name: 'job', id, at: Number.parseInt(new URLSearchParams(query).get('at')) || null } : { name: 'jobs', query: query ?? '' }
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
		const link = (rel, file, props) => document.head.append(Object.assign(document.createElement('link'), { rel, href: `${ROOT}/static/${file}`, ...props }))
		link('stylesheet', `views/${name}.css`, { onload: resolve, onerror: resolve })
		for (const one of IMPORTED[name]?.split(' ') ?? []) link('modulepreload', `${one}.js`)
	})])
	return View
}

function drawHeader() {
	const { provider, actors, reasons = [], crew: { crew: pools = {} } = {} } = ready
	// A place that no machine has room for: its films wait, and a person can help.
	const pending = Object.entries(pools).flatMap(([name, { places = [] }]) => places.filter((one) => one.reason).map((one) => `The ${name} wait: ${one.reason}`))
	const crew = (reasons.length > 0 && 'Not ready') || (pending[0] ?? (actors === 'starting' && 'The crew is getting ready'))
	const link = (name, href, label) => h('a', { href, 'aria-current': shown.name === name && 'page' }, label)
	render(header,
		h('a.mark', { href: '#/' }, h('span.dot'), 'Reelog'),
		h('nav', { 'aria-label': 'Main' }, link('new', '#/', 'New film'), link('jobs', '#/jobs', 'Films')),
		provider === 'emulator' && h('p', { id: 'provider' }, h('b', 'Emulator'), h('span', ' Pictures and voices are simulated')),
		/reelog_signed_in/.test(document.cookie) && h('form', { method: 'post', action: `${ROOT}/logout` }, h('button.quiet', 'Sign out')),
		h('p', { id: 'crew', 'data-state': crew ? 'waiting' : 'well' }, h('a', { href: '#/workers', 'aria-current': shown.name === 'workers' && 'page' }, crew || 'Workers')),
		h('p', h('a.elsewhere', { href: '#/webhooks', 'aria-current': shown.name === 'webhooks' && 'page' }, 'Webhooks')),
		connection !== 'idle' && h('p', { id: 'connection', 'data-state': connection }, !navigator.onLine ? 'Offline' : STATES[connection]))
	const said = notices()
	render(notice, said.map(([words, act]) => h('p.page', { key: words }, words, ' ', act)))
	return crew || said.length > 0
}

/** What is wrong that is more than one view's, and what goes on all the same. */
function notices() {
	const { reasons = [], projector } = ready
	const aside = projector?.set_aside?.find(({ job_id: id }) => id === shown.id)
	const since = heard && `What you see is as it was at ${time(heard)}`
	return [
		sessionStorage.getItem(ANEW) && ['The record of this server was replaced or restored while the page was open, so the page began anew. A script that you were writing is kept.',
			button('Understood', () => drawHeader(sessionStorage.removeItem(ANEW)))],
		signedOut && ['You are signed out: the key was revoked, or the session has ended. What you wrote is still here.',
			h('a', { href: `${ROOT}/login${location.hash}`, target: '_blank' }, 'Sign in beside this page'), ' and send it then.'],
		since && !navigator.onLine ? [`You are offline. ${since}; films go on being made, and the page catches up.`]
			: since && now() - heard > MOMENT && [`The server does not answer. ${since}. It is asked again all the time, and what was being made goes on when it is back.`],
		reasons.length > 0 && [`New films cannot be taken now: ${reasons.join('; ')}. What is finished can be watched; what is being made goes on when this is mended.`],
		reasons.length === 0 && projector?.lag_events > MANY && ['Very much has happened at once, and the newest of it is not shown yet. The page follows by itself.'],
		aside && [`Event ${aside.position} of this film (${aside.type}) cannot be read by this version: ${aside.reason}. What came before it is shown, and nothing more is made of it; other films go on.`],
	].filter(Boolean)
}

function hear() {
	heard = now()
	setTimeout(drawHeader, MOMENT + 10)
}

async function ask() {
	clearTimeout(asking)
	const { store } = ready
	ready = await api.ready().catch(() => ready)
	// A view without a stream learns from this that what it was told is of another record.
	if (store && ready.store && store !== ready.store) {
		sessionStorage.setItem(ANEW, 'yes')
		return location.reload()
	}
	const trouble = drawHeader()
	if (!document.hidden) asking = setTimeout(ask, trouble ? TROUBLED : WELL)
}

addEventListener('connection', ({ detail }) => {
	if (connection === 'live' && detail !== 'live') hear()
	if (['idle', 'live'].includes(detail)) heard = null
	connection = detail
	drawHeader()
	if (connection === 'live') ask()
})
addEventListener('signed-out', () => {
	signedOut = true
	drawHeader()
})
addEventListener('offline', () => {
	if (connection === 'live') hear()
	drawHeader()
})
addEventListener('online', () => drawHeader())
document.addEventListener('visibilitychange', () => {
	if (document.hidden) return
	// Perhaps signed in meanwhile, in another tab.
	signedOut = false
	ask()
})
// The fragment is the address of the view, so this link must not change it.
skip.onclick = (event) => {
	event.preventDefault()
	main.focus()
}
addEventListener('hashchange', go)
go()
ask()
