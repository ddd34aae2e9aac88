/** What was made from what, as a tree with pictures: from the film back to the script. */

import { api, assetName, bytes, contentUrl, dots, duration, facts, h, money, sentence } from '../core.js'
import { openDialog, openWith } from './dialog.js'
import { copyable, paper } from './texts.js'

/** Deeper ones open when they are asked for. */
const OPEN = 2

/** `ids`: where the tree begins; none: at the film, or at what nothing else is made from yet. */
export const showProvenance = (title, job, ids) => openWith(`Provenance: ${title}`, api.assets(job), (assets) => {
	const all = new Map(assets.map((asset) => [asset.id, asset]))
	const film = [...all.values()].find(({ kind, digest }) => kind === 'video' && digest)
	const used = new Set([...all.values()].flatMap(({ inputs }) => inputs.map(({ id }) => id)))
	const tops = film ? [film.id] : [...all.keys()].filter((id) => !used.has(id)).reverse()
	const roots = (ids ?? tops).map((id) => all.get(id)).filter((asset) => asset?.digest)
	const seen = new Set()
	openDialog(`Provenance: ${title}`, h('ul.tree', roots.map((asset) => branch(asset, all, seen, 0))))
})

function branch(asset, all, seen, depth) {
	const { id, name } = asset
	// What several things are made from is unfolded once.
	const known = seen.has(id)
	seen.add(id)
	const from = asset.inputs.map((input) => all.get(input.id)).filter(Boolean)
	return h('li', { key: id }, known ? h('p.known', thumbnail(asset, all), h('span', assetName(name), h('small', ' as above')))
		: h('details', { open: depth < OPEN }, h('summary', thumbnail(asset, all), h('span', assetName(name), ' ', h('small', origin(asset)))),
			more(asset), from.length > 0 && h('ul', from.map((one) => branch(one, all, seen, depth + 1)))))
}

/** A picture is seen itself, a clip by its scene's picture, the film by its poster. */
function thumbnail(asset, all) {
	const stands = asset.media_type?.startsWith('image/') ? asset : [...all.values()].find(({ kind, scene, digest }) => digest
		&& (asset.kind === 'video' ? kind === 'poster' : ['clip', 'shot'].includes(asset.kind) && kind === 'image' && scene === asset.scene))
	return stands && h('img', { src: contentUrl(stands), alt: '', loading: 'lazy' })
}

function origin({ recipe, provided, reused_from: source, provenance, cost_usd: cost, facts: { duration_s: length }, stale }) {
	const maker = provided ? `given by ${provided.by}` : recipe.model ?? (provenance?.provider === 'reelog' ? 'made by Reelog itself' : provenance?.provider)
	return dots(maker, source && 'taken over', length && duration(length), cost > 0 && money(cost), stale && 'what it is made from was made anew since')
}

function more({ id, digest, bytes: size, media_type: type, revision, recipe, provided, provenance, reused_from: source }) {
	const { prompt_digest: prompt, prompt_version: version, parameters } = recipe
	const rows = [...Object.entries(provenance ?? {}), ...Object.entries(parameters)].filter(([, value]) => value != null && typeof value !== 'object')
	return h('details.more', h('summary', 'Details'),
		facts([
			['Revision', revision], ['File', dots(type, size && bytes(size))], ['Digest', digest], ['Prompt version', version],
			['Fitted', provided?.changes.join('; ')], ['From film', source && h('a', { href: `#/jobs/${source.job_id}` }, source.job_id)],
			...rows.map(([name, value]) => [sentence(name), String(value)]),
		].filter(([, value]) => value)),
		prompt && paper('The prompt', id, prompt), h('p.facts', 'Asset ', copyable(id, 'asset')))
}
