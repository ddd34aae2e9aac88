/**
 * A view says what it wants to be (`h`), and `render` changes no more than differs: assistive tools hear every
 * write, and films that play must not begin anew. Text goes in as text, so nothing said is ever markup.
 */

const SVG = 'http://www.w3.org/2000/svg'
const PROPERTIES = new Set(['value', 'muted'])
const OURS = new Set(['key', 'memo'])

/** `h('p.hint', {title}, 'Text')`: `key` tells siblings apart that may move; while `memo` is what it was nothing is looked at. */
export function h(name, props, ...children) {
	const [tag, ...classes] = name.split('.')
	const given = props?.constructor === Object && !props.tag
	return {
		tag, children: given ? children : [props, ...children],
		props: { class: classes.join(' ') || null, ...(given && props) },
	}
}

/** Those left out keep their place, so that others stay who they are. */
export function render(parent, ...children) {
	const before = parent.rendered ?? new Map()
	const wanted = children.flat(Infinity).map((child, index) => [`${child?.tag} ${child?.props?.key ?? index}`, child])
		.filter(([, child]) => child != null && child !== false)
	parent.rendered = new Map(wanted.map(([key, { tag }]) => [key, before.get(key) ?? create(tag)]))
	for (const [key, node] of before) if (!parent.rendered.has(key)) node.remove()
	let next = parent.firstChild
	for (const [key, child] of wanted) {
		const node = parent.rendered.get(key)
		if (child.tag) update(node, child)
		else say(node, child)
		if (node === next) next = next.nextSibling
		else parent.insertBefore(node, next)
	}
}

function create(tag) {
	if (!tag) return document.createTextNode('')
	return ['svg', 'path'].includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag)
}

function update(node, { props, children }) {
	const before = node.props ?? {}
	if (props.memo !== undefined && props.memo === before.memo) return
	node.props = props
	render(node, children.map((child) => (typeof child === 'function' ? child() : child)))
	for (const name of Object.keys({ ...before, ...props })) {
		const value = props[name]
		// A listener that gives back false would undo what the browser does by itself.
		if (name.startsWith('on')) node[name] = (event) => void value(event)
		else if (name === 'style') Object.assign(node.style, value)
		else if (PROPERTIES.has(name)) node[name] === value || (node[name] = value)
		else if (value === before[name] || OURS.has(name)) continue
		else if (value == null || value === false) node.removeAttribute(name)
		else node.setAttribute(name, value === true ? '' : value)
	}
}

export function say(node, text) {
	const wanted = String(text ?? '')
	if (node.textContent !== wanted) node.textContent = wanted
}

export const button = (label, onclick, props) => h('button.quiet', { type: 'button', onclick, ...props }, label)

export function part(title, ...children) {
	const id = title.toLowerCase()
	return h('section', { 'aria-labelledby': id }, h('h2', { id }, title), children)
}

export const headline = (...words) => h('h1', { tabindex: -1, dir: 'auto' }, words)

export const table = (label, names, ...rows) => h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': label },
	h('table', h('thead', h('tr', names.map((name) => h('th', { scope: 'col' }, name)))), h('tbody', rows)))

export const facts = (rows) => h('dl.facts', rows.map(([name, value]) => h('div', h('dt', name), h('dd', { dir: 'auto' }, value))))

export const complaint = (problem) => h('p.problem', { role: 'alert', dir: 'auto', hidden: !problem },
	problem && [...new Set([problem, ...problem.errors ?? []].map(({ message }) => message))].join(' '))

const PATHS = {
	check: 'M4 10.5 8 14.5 16 5.5',
	cross: 'M5 5 15 15 M15 5 5 15',
	wait: 'M10 5v5l3 2 M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15',
	play: 'M6.5 4v12l10-6z',
	pause: 'M6 4v12 M14 4v12',
	alert: 'M10 3 18 17H2z M10 8v4 M10 14.4v.2',
	down: 'M10 3v10 M5.5 9 10 13.5 14.5 9 M4 17h12',
}

export const icon = (name) => h('svg', { viewBox: '0 0 20 20', class: `icon icon-${name}`, 'aria-hidden': 'true' }, h('path', { d: PATHS[name] }))

const SIGNS = { completed: 'check', failed: 'alert', cancelled: 'cross', queued: 'wait', awaiting_review: 'wait', waiting: 'wait' }
export const sign = (status) => SIGNS[status] && icon(SIGNS[status])

export async function copy(text, button) {
	const label = button.textContent
	// Where the page is not from a secure place, browsers let people copy by hand only.
	if (!navigator.clipboard) return prompt(label, text)
	await navigator.clipboard.writeText(text)
	say(button.firstChild, 'Copied')
	setTimeout(() => say(button.firstChild, label), 1600)
}

export const announce = (text) => say(document.getElementById('announcer'), text)
