/** Building the page: every text goes in as text, so a script or a model's answer is never markup. */

const SVG = 'http://www.w3.org/2000/svg'
const PROPERTIES = new Set(['value', 'muted'])

/** Children in nested lists, some of them left out by a condition. */
const present = (children) => children.flat(Infinity).filter((child) => child != null && child !== false)

/** `h('p.hint', {title}, 'Text')`. `props` may be left out; `on…` listens; false and null leave one out. */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split('.')
  const element = document.createElement(name)
  if (classes.length) element.className = classes.join(' ')
  if (props?.constructor !== Object) children.unshift(props)
  else for (const [key, value] of Object.entries(props)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2).toLowerCase(), value)
    else if (PROPERTIES.has(key)) element[key] = value
    else attribute(element, key, value)
  }
  element.append(...present(children))
  return element
}

export const button = (label, onclick, props) => h('button', { type: 'button', class: 'quiet', onclick, ...props }, label)

/** A part of the page with a heading that names it. */
export const part = (id, title, ...children) => h('section', { 'aria-labelledby': id }, h('h2', { id }, title), children)

/** A table that scrolls by itself where it is too wide. */
export const table = (props, names, body, caption) => h('div.scroll', { tabindex: 0, role: 'region', ...props },
  h('table', caption && h('caption', caption),
    h('thead', h('tr', names.map((name) => h('th', { scope: 'col' }, name)))), body))

/** Names and their values. */
export const facts = (rows) => h('dl', { class: 'facts' },
  rows.map(([name, value]) => h('div', h('dt', name), h('dd', { dir: 'auto' }, value))))

/** Set or remove an attribute, only when it differs: assistive tools hear every write. */
export function attribute(element, name, value) {
  if (value == null || value === false) element.removeAttribute(name)
  else {
    const text = value === true ? '' : String(value)
    if (element.getAttribute(name) !== text) element.setAttribute(name, text)
  }
}

/** Set an element's text, only when it differs. */
export function say(element, text) {
  const wanted = text == null ? '' : String(text)
  if (element.textContent !== wanted) element.textContent = wanted
}

/** Where a problem is told; `complain` shows one, or none. */
export const complaint = () => h('p.problem', { role: 'alert', dir: 'auto', hidden: true })
export function complain(element, problem) {
  element.hidden = !problem
  say(element, problem && [problem.message, ...(problem.errors ?? []).map((e) => e.message)].filter((line, i, all) => all.indexOf(line) === i).join(' '))
}

/** Make an element's content anew, only when what it shows (`key`) is not what it showed. */
export function show(element, key, make) {
  const wanted = String(key)
  if (element.dataset.shows === wanted) return
  element.dataset.shows = wanted
  element.replaceChildren(...present(make()))
}

/** Make `parent`'s children the elements for `items`, in order, moving and removing as few as possible. */
export function reconcile(parent, items, key, create, update) {
  const kept = (parent.kept ??= new Map())
  const wanted = new Set()
  let next = parent.firstElementChild
  for (const item of items) {
    const id = key(item)
    wanted.add(id)
    let element = kept.get(id)
    if (!element) kept.set(id, (element = create(item)))
    update?.(element, item)
    if (element === next) next = next.nextElementSibling
    else parent.insertBefore(element, next)
  }
  for (const [id, element] of kept) {
    if (wanted.has(id)) continue
    element.remove()
    kept.delete(id)
  }
}

const PATHS = {
  check: 'M4 10.5 8 14.5 16 5.5',
  cross: 'M5 5 15 15 M15 5 5 15',
  wait: 'M10 5v5l3 2 M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15',
  play: 'M6.5 4v12l10-6z',
  pause: 'M6 4v12 M14 4v12',
  alert: 'M10 3 18 17H2z M10 8v4 M10 14.4v.2',
  down: 'M10 3v10 M5.5 9 10 13.5 14.5 9 M4 17h12',
}
/** The sign of a status. */
export const SIGNS = { completed: 'check', failed: 'alert', cancelled: 'cross', queued: 'wait', waiting: 'wait' }

/** A drawing that says nothing to a screen reader; the text beside it does. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg')
  const path = document.createElementNS(SVG, 'path')
  for (const [key, value] of [['viewBox', '0 0 20 20'], ['class', `icon icon-${name}`], ['aria-hidden', 'true']]) svg.setAttribute(key, value)
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}

/** Copy text, in an insecure context too. The button says for a moment that it was done. */
export async function copy(text, button) {
  const label = button.textContent
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    const area = h('textarea', { value: text, class: 'unseen', 'aria-hidden': 'true' })
    document.body.append(area)
    area.select()
    document.execCommand('copy')
    area.remove()
    button.focus()
  }
  say(button, 'Copied')
  setTimeout(() => say(button, label), 1600)
}

/** Tell screen readers something that sighted people see happen. Used for stages and failures only. */
export const announce = (text) => say(document.getElementById('announcer'), text)
