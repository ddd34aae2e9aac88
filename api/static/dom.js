/** Building the page: every text goes in as text, so a script or a model's answer is never markup. */

const SVG = 'http://www.w3.org/2000/svg'

/** An element. `props`: `on…` listeners, `class`, `data-…`, attributes; false and null leave one out. */
export function h(tag, props, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props ?? {})) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2).toLowerCase(), value)
    else if (name === 'value' || name === 'checked' || name === 'muted') element[name] = value
    else attribute(element, name, value)
  }
  element.append(...children.flat().filter((child) => child != null && child !== false))
  return element
}

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
    if (!wanted.has(id)) {
      element.remove()
      kept.delete(id)
    }
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

/** A drawing that says nothing to a screen reader; the text beside it does. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 20 20')
  svg.setAttribute('class', `icon icon-${name}`)
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}

/** Copy text; works without a secure context too. The button says for a moment that it was done. */
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
export function announce(text) {
  say(document.getElementById('announcer'), text)
}
