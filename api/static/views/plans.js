/** The ways to go on from a film that cost money. */

import { api, randomKey } from '../api.js'
import { h } from '../dom.js'
import { KINDS, modelField, modelList } from '../models.js'
import { plan } from './dialog.js'
import { field, number } from './fields.js'

// What is left empty is not changed.
const budget = (name, label, hint) => field(name, label, number({ min: 0, step: 'any' }), hint)

/** A new film from this one, now or at a position of its past. */
export async function forkPlan(job, { at = null, kinds = Object.keys(KINDS), title = 'Fork this film' } = {}) {
	const list = await modelList()
	const key = randomKey()
	const { max_usd } = job.cost
	plan({
		title, verb: 'Make the fork',
		words: `A new film ${at == null ? 'from all that is made' : `from what was made by event ${at}`}. What the changes do not touch is kept and costs nothing.`,
		fields: ({ changes }) => [kinds.map((kind) => modelField('/changes/models', kind, list, changes?.models, job.models[kind])),
			field('/changes/options/style', 'Another look', h('input', { dir: 'auto' })),
			budget('/changes/max_cost_usd', 'Budget in US dollars', max_usd == null ? 'It had no limit' : `It was $${max_usd}`)],
		ask: (changes) => api.fork(job.id, { at, dry_run: true, ...changes }),
		act: async (changes) => (location.hash = `#/jobs/${(await api.fork(job.id, { at, ...changes }, key)).id}`),
	})
}

export const budgetPlan = (job, take) => plan({
	title: 'Retry with another budget', verb: 'Retry', words: `So far $${job.cost.usd} is spent. Only what is missing is made.`,
	fields: () => budget('/max_cost_usd', 'Budget in US dollars, for all runs together'),
	act: async (changes) => take(await api.retry(job.id, changes)),
})

/** `assets`: `{image, narration, storyboard}`. */
export async function againPlan({ scene }, assets, take) {
	const { frames } = await api.content(assets.storyboard.id)
	const usual = { image: frames.find((frame) => frame.scene === scene).prompt }
	const parts = [['image', 'Picture'], ['narration', 'Voice']].filter(([kind]) => assets[kind].product)
	const again = ({ what, ...changes }, more) => api.regenerate(assets[what].id, { ...changes, ...more })
	plan({
		title: `Make scene ${scene} again`, verb: 'Make it again', words: 'What is made from it is made again too, and nothing else.',
		fields: ({ what = 'image' }) => [field('/what', 'What', h('select', parts.map(([value, label]) => h('option', { value }, label)))), field('/prompt', 'Prompt',
			h('textarea', { key: what, rows: 7, dir: 'auto', placeholder: 'As it was' }, usual[what]), 'Left as it is, the recorded prompt is asked again')],
		ask: (changes) => again(changes, { dry_run: true }),
		act: async (changes) => take(await again(changes)),
	})
}
