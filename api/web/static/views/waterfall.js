import { assetName, duration, ended, h, now } from '../core.js'

/** Nothing is reckoned until somebody opens it. */
export const waterfall = (film, ontoggle) => h('details', { id: 'scale', ontoggle }, h('summary', 'Timeline'),
	document.getElementById('scale')?.open && h('div', chart(film)))

function chart({ job, story, events, shown, at }) {
	const begin = Date.parse(events[0].occurred_at)
	// The last event may be later than this machine's clock says it is.
	const end = Math.max(begin + 1000, Date.parse(shown.at(-1).occurred_at), ended(job.status) || at != null ? 0 : now())
	const share = (ms) => `${(ms / (end - begin)) * 100}%`
	const bar = ({ number, startedAt, endedAt, status, call }) => {
		const from = Date.parse(startedAt)
		const took = (endedAt ? Date.parse(endedAt) : end) - from
		return h('span.bar', { 'data-status': status, title: `attempt ${number} ${status}, ${duration(took / 1000)}${call ? `, call ${call}` : ''}`,
			style: { insetInlineStart: share(from - begin), inlineSize: `max(3px, ${share(took)})` } })
	}
	return [
		h('div.axis.facts', { 'aria-hidden': 'true' }, [0, 0.25, 0.5, 0.75, 1].map((part) => h('span', duration((end - begin) * part / 1000)))),
		h('ol.bars', [...story.assets.values()].filter(({ attempts }) => attempts.length).map((asset) => h('li', { key: asset.id },
			h('span.facts', assetName(asset)), h('span.lane', asset.attempts.map(bar))))),
	]
}
