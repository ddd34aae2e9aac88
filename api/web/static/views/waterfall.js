/**
 * The timeline: every attempt to scale, by scene and stage, with what it waited for and when its call was accepted.
 * A row is named in words, so that no colour says anything alone; whoever picks one sees all of it beside.
 */

import { assetName, between, button, dots, duration, ended, h, money, now, plural, sentence } from '../core.js'
import { inspector } from './inspector.js'
import { Scale, silences } from './scale.js'

/** Films of more scenes begin with each scene on one row. */
const MOST_OPEN = 6
/** Of an asset that was tried very often, the latest attempts are drawn one by one. */
const MOST_BARS = 60
const LAST = ['music', 'soundtrack', 'captions', 'poster', 'video', 'manifest']

export class Waterfall {
	#turned = new Set()
	#picked = null
	/** The scale never shrinks, though clocks of machines may differ. */
	#until = 0
	/** Of so many events. */
	#silences = { count: 0 }

	constructor(view, redraw) {
		Object.assign(this, { view, redraw })
	}

	pick(id) {
		this.#picked = this.#picked === id ? null : id
		this.redraw()
		if (this.#picked) document.getElementById('inspector')?.scrollIntoView({ block: 'nearest' })
	}

	/** From elsewhere on the page: who came by keys goes on from there. */
	show(id) {
		this.#picked = id
		this.redraw()
		document.getElementById('inspected').focus()
	}

	draw(job, story) {
		const { film } = this.view
		const { events, at } = film
		const until = (this.#until = Math.max(this.#until, Date.parse(events.at(-1).occurred_at)))
		const over = ended(film.snapshot.status) || at != null
		if (this.#silences.count !== events.length) this.#silences = { count: events.length, ...silences(events) }
		const scale = new Scale(this.#silences, over ? until : Math.max(until, now()), Date.parse(film.moment) || until, over)
		const groups = grouped(story)
		const fold = groups.length > MOST_OPEN + 2
		const picked = story.assets.get(this.#picked)
		return h('div.timeline', { 'data-picked': Boolean(picked) },
			h('div.waterfall',
				h('div.axis.facts', { 'aria-hidden': 'true' }, [0, 0.25, 0.5, 0.75, 1].map((part) => h('span', duration(scale.after(part))))),
				h('ol.bars', groups.map((group) => this.#group(group, scale, fold)),
					scale.cuts.length > 0 && h('li.over-all', { key: 'cuts', 'aria-hidden': 'true' }, h('span.lane', scale.cuts.map(({ from, to }) => h('span.cut', { key: from, style: placed(from, to, scale) })))),
					at != null && h('li.over-all', { key: 'now', 'aria-hidden': 'true' }, h('span.lane', h('span.now-line', { style: { insetInlineStart: scale.at(scale.moment) } })))),
				scale.cuts.length > 0 && h('p.hint', `Cut short, as nothing was under way: ${scale.cuts.map(({ took }) => duration(took / 1000)).join(', ')}.`)),
			picked && inspector(this.view, job, story, picked, () => this.pick(picked.id)))
	}

	#group({ name, assets }, scale, fold) {
		// What went wrong is seen at once.
		const shut = (fold && !assets.some(({ status, attempts }) => status === 'failed' || attempts.length > 1)) !== this.#turned.has(name)
		const turn = () => {
			if (!this.#turned.delete(name)) this.#turned.add(name)
			this.redraw()
		}
		return h('li.group', { key: name },
			h('div.row', button(name, turn, { 'aria-expanded': String(!shut) }),
				shut ? this.#lane(assets, scale) : h('span.lane.facts', summed(assets))),
			!shut && h('ol', assets.map((asset) => this.#row(asset, scale))))
	}

	#row(asset, scale) {
		const { id, kind, name, attempts, status, revision } = asset
		const last = attempts.at(-1)
		const open = status === 'waiting' || last?.status === 'open'
		const picked = id === this.#picked
		const label = kind === 'image' || kind === 'shot' ? sentence(kind) + (name.split('.')[1] ? ` ${name.split('.')[1]}` : '') : asset.scene ? sentence(kind) : assetName(asset)
		return h('li.row', { key: id, memo: [status, revision, attempts.length, last?.status, last?.call, picked, scale.key, open && !scale.over && scale.moment].join(' ') },
			() => button([label, asset.scene && h('span.unseen', ` of scene ${asset.scene}`), status === 'failed' && h('span.bad', ' failed')], () => this.pick(id), { 'aria-pressed': String(picked) }),
			() => this.#lane([asset], scale))
	}

	#lane(assets, scale) {
		const pick = ({ target }) => target.dataset.asset && this.pick(target.dataset.asset)
		return h('span.lane', { onclick: pick }, assets.map((asset) => {
			const latest = { ...asset, attempts: asset.attempts.slice(-MOST_BARS) }
			return [waits(latest, scale), earlier(asset, scale), latest.attempts.map((attempt) => bar(asset, attempt, scale))]
		}))
	}
}

const placed = (from, to, scale) => ({ insetInlineStart: scale.at(from), inlineSize: scale.between(from, to) })

function grouped({ assets }) {
	const groups = new Map([['Planning', []]])
	const last = []
	const all = [...assets.values()].filter(({ attempts, status }) => attempts.length || status === 'waiting' || status === 'requested')
	for (const asset of all.sort((a, b) => (a.scene ?? 0) - (b.scene ?? 0))) {
		if (LAST.includes(asset.kind)) last.push(asset)
		else {
			const name = asset.scene ? `Scene ${asset.scene}` : 'Planning'
			groups.set(name, [...groups.get(name) ?? [], asset])
		}
	}
	return [...groups, ['The film', last]].map(([name, list]) => ({ name, assets: list })).filter(({ assets: list }) => list.length)
}

function summed(assets) {
	const attempts = assets.flatMap((asset) => asset.attempts)
	const cost = attempts.reduce((sum, { end }) => sum + (end?.data.cost_usd ?? 0), 0)
	const again = attempts.length - assets.filter((asset) => asset.attempts.length).length
	return dots(cost > 0 && money(cost), again > 0 && plural(again, 'extra attempt'))
}

function bar({ id, request, kind, ...asset }, attempt, scale) {
	const { number, startedAt, endedAt, status, call, acceptedAt, end, start } = attempt
	const from = Date.parse(startedAt)
	const to = endedAt ? Date.parse(endedAt) : scale.moment
	const words = dots(`${assetName({ kind, ...asset })}, attempt ${number} ${status === 'open' ? 'under way' : status}`, duration((to - from) / 1000), end?.data.cost_usd > 0 && money(end.data.cost_usd),
		end?.data.failure?.code.replaceAll('_', ' '), call && `accepted as call ${call}`)
	return [
		h('span.bar', { key: `${id} ${start.position}`, title: words, 'data-asset': id, 'data-stage': start.stage, 'data-status': status,
			style: { insetInlineStart: scale.at(from), inlineSize: `max(3px, ${scale.between(from, to)})` } }),
		acceptedAt && h('span.receipt', { key: `${id} ${start.position} accepted`, title: `Accepted as call ${call}, ${duration(between(startedAt, acceptedAt))} after it was sent`, 'data-asset': id,
			style: { insetInlineStart: scale.at(Date.parse(acceptedAt)) } }),
	]
}

function earlier({ id, attempts }, scale) {
	const before = attempts.slice(0, -MOST_BARS)
	if (!before.length) return null
	const [from, to] = [before[0].startedAt, before.at(-1).endedAt ?? before.at(-1).startedAt].map((at) => Date.parse(at))
	return h('span.bar', { key: `${id} earlier`, title: `${plural(before.length, 'earlier attempt')}`, 'data-asset': id, 'data-stage': before[0].start.stage, 'data-status': before.at(-1).status,
		style: placed(from, to, scale) })
}

/** From the request, or the failure before, until an attempt begins. */
function waits({ id, attempts, request, retryAt }, scale) {
	const gaps = attempts.map(({ startedAt, request: of, start }, index) => {
		const before = attempts[index - 1]
		const again = before?.request === of
		return { from: again ? before.endedAt : of?.occurred_at, to: startedAt, why: again ? `Waited for attempt ${start.data.attempt}` : 'Waited for a place', key: start.position }
	})
	const last = attempts.at(-1)
	if (retryAt && last?.endedAt) gaps.push({ from: last.endedAt, to: new Date(Math.max(scale.moment, Date.parse(last.endedAt))).toISOString(), why: `Waits until ${retryAt}`, key: 'next' })
	return gaps.filter(({ from, to }) => from && between(from, to) > 0).map(({ from, to, why, key }) => h('span.wait', {
		key: `${id} ${key} wait`, title: `${why}, ${duration(between(from, to))}`, 'data-asset': id,
		style: placed(Date.parse(from), Date.parse(to), scale),
	}))
}
