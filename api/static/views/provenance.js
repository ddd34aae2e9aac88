/** Where an asset comes from: every field that the server keeps of it, in a dialog over the page. */

import { h } from '../dom.js'
import { assetName, sentence } from '../format.js'

const dialog = h('dialog', { class: 'provenance', 'aria-labelledby': 'provenance-title' })
document.body.append(dialog)

/** Show the assets with these ids, the first one open. */
export async function showProvenance(title, ids) {
  const answers = await Promise.all(ids.map(async (id) => {
    const response = await fetch(`/v1/assets/${encodeURIComponent(id)}`, { headers: { Accept: 'application/json' } })
    return response.ok ? response.json() : null
  }))
  const found = answers.filter(Boolean)
  dialog.replaceChildren(
    h('header', {}, h('h2', { id: 'provenance-title' }, title),
      h('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, 'Close')),
    found.length ? '' : h('p', {}, 'Nothing is known of it yet.'),
    ...found.map((asset, index) => h('details', { open: index === 0 },
      h('summary', {}, assetName(asset)),
      h('dl', {}, rows(asset).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', { dir: 'auto' }, value)))))))
  dialog.showModal()
}

/** `{recipe: {model}}` → `[['Recipe · model', …]]`; what is not known is left out. */
function rows(value, path = []) {
  if (value == null || value.length === 0) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => rows(item, [...path, index + 1]))
  if (typeof value === 'object') return Object.entries(value).flatMap(([name, item]) => rows(item, [...path, name.replaceAll('_', ' ')]))
  return [[sentence(path.join(' · ')), String(value)]]
}
