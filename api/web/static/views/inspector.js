/** All of one asset that the record says: what was asked and answered, what it cost, and why it was made. */

import { assetName, between, button, bytes, contentUrl, dots, duration, ended, facts, h, icon, money, plural, stageName, table } from '../core.js'
import { showWhy } from './explain.js'
import { againPlan } from './plans.js'
import { showProvenance } from './provenance.js'
import { copyable, paper } from './texts.js'

const AGAIN = ['image', 'shot', 'narration', 'music']
const COLUMNS = ['#', 'After', 'Took', 'Outcome', 'Cost', 'Why']

export function inspector(view, job, story, asset, close) {
	const { id, request, attempts, product, status, revision, failure, provided, reused } = asset
	const { film } = view
	const first = film.events[0].occurred_at
	const cost = attempts.reduce((sum, { end }) => sum + (end?.data.cost_usd ?? 0), 0)
	const last = attempts.at(-1)
	const papers = [
		['The prompt', request?.data.prompt_digest],
		['The request', last?.end?.data.request_digest ?? last?.end?.data.failure?.details?.request_digest],
		['The raw answer', last?.end?.data.raw_digest ?? last?.end?.data.failure?.raw_digest],
	].filter(([, digest]) => digest)
	const gone = film.snapshot.pruned_at
	const over = film.at == null && (ended(job.status) || job.status === 'awaiting_review') && !gone
	const why = (event, label) => event && button(label, () => view.dare(showWhy(film, event.position)), { 'aria-label': `Why: event ${event.position}` })
	const inputs = (request?.data.inputs ?? []).map(({ id: input, name, ...rest }) => story.assets.get(input ?? rest.asset_id)?.name ?? name ?? rest.name).filter(Boolean)
	return h('aside.inspector', { id: 'inspector', key: id, 'aria-labelledby': 'inspected' },
		h('div.title-row', h('h3', { id: 'inspected', tabindex: -1 }, assetName(asset)), button('Close', close)),
		h('p.state', { 'data-status': status }, dots(provided ? 'given by a person' : reused ? 'taken over from another film' : status, stageName((request ?? product)?.stage), revision > 1 && `revision ${revision}`)),
		product && !gone && seen(asset),
		facts([
			['Model', product?.data.model ?? request?.data.model],
			['Cost', cost > 0 && dots(money(cost), attempts.length > 1 && plural(attempts.length, 'attempt'))],
			['Size', product?.data.bytes && bytes(product.data.bytes)],
			['Made from', inputs.map(assetName).join(', ')],
			['Call', last?.call],
			['Failed', failure && `${failure.code.replaceAll('_', ' ')}: ${failure.message}`],
		].filter(([, value]) => value)),
		attempts.length > 0 && table('Attempts', COLUMNS, attempts.map(({ number, startedAt, endedAt, status: outcome, end, start }) => h('tr', { key: start.position },
			h('th', { scope: 'row' }, number),
			h('td', h('a', { href: `#/jobs/${job.id}?at=${start.position}`, 'aria-label': `Show the film as attempt ${number} began` }, `+${duration(between(first, startedAt))}`)),
			h('td', endedAt ? duration(between(startedAt, endedAt)) : '…'),
			h('td', { dir: 'auto' }, outcome === 'open' ? 'under way' : end?.data.failure?.code.replaceAll('_', ' ') ?? outcome),
			h('td', end?.data.cost_usd > 0 ? money(end.data.cost_usd) : end?.data.failure?.may_have_been_billed ? 'may be billed' : ''),
			h('td', why(end ?? start, 'Why?'))))),
		!gone && papers.map(([name, digest]) => paper(name, id, digest)),
		h('div.actions', why(request ?? product, 'Why was it made?'),
			over && AGAIN.includes(asset.kind) && (product || status === 'failed') && button('Make again', () => view.dare(againPlan(`${assetName(asset)}, once more`, [asset], view.take))),
			product && !gone && button('Provenance', () => view.dare(showProvenance(assetName(asset), job.id, [id])))),
		h('p.facts', 'Asset ', copyable(id, 'asset')))
}

function seen(asset) {
	const { media_type: type } = asset.product.data
	const src = contentUrl(asset)
	const what = { key: src, src, 'aria-label': assetName(asset), preload: 'none', controls: true }
	if (type?.startsWith('image/')) return h('img.seen', { key: src, src, alt: assetName(asset), loading: 'lazy' })
	if (type?.startsWith('audio/')) return h('audio.seen', what)
	if (type?.startsWith('video/')) return h('video.seen', { ...what, playsinline: true })
	return h('p', h('a', { href: src, target: '_blank', rel: 'noopener' }, icon('down'), ' Open its content'))
}
