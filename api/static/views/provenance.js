/** Where an asset comes from: every field that the server keeps of it. */

import { api } from '../api.js'
import { facts, h } from '../dom.js'
import { assetName, sentence } from '../format.js'
import { openDialog } from './dialog.js'

export async function showProvenance(title, ids) {
	const found = await Promise.all(ids.map(api.asset))
	openDialog(title, found.map((asset, index) => h('details', { open: index === 0 }, h('summary', assetName(asset)), facts(rows(asset)))))
}

/** `{recipe: {model}}` → `[['Recipe · model', …]]`; what is not known is left out. */
function rows(value, path = []) {
	if (value == null) return []
	if (typeof value !== 'object') return [[sentence(path.join(' · ')), String(value)]]
	return Object.entries(value).flatMap(([name, item]) => rows(item, [...path, Array.isArray(value) ? Number(name) + 1 : name.replaceAll('_', ' ')]))
}
