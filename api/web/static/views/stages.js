/** The stages with their colours, which are those of the timeline. */

import { dots, duration, h, money, sign, stageName } from '../core.js'

const WORDS = { pending: 'not begun', running: 'under way', completed: 'finished', skipped: 'left out' }

export const stages = (job) => h('ol.stages', { key: 'stages', 'aria-label': 'Stages' }, job.stages.map(({ name, status, assets, done, elapsed_s, cost_usd }) => {
	const now = job.status === 'failed' && job.failure?.stage === name ? 'failed' : status
	return h('li', { key: name, 'data-status': now, 'data-stage': name },
		h('span.sign', sign(now)), h('span.name', stageName(name)), h('span.unseen', ` ${WORDS[now] ?? now} `),
		h('span.count', assets > 0 && `${done}/${assets}`), h('progress', { max: 1, 'aria-hidden': 'true', value: assets ? done / assets : 0 }),
		h('span.facts', dots(elapsed_s && duration(elapsed_s), cost_usd && money(cost_usd))))
}))
