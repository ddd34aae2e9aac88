/** The ways to go on from a film that cost money: a fork, and making one thing of a scene again. */

import { api, randomKey } from '../api.js'
import { h } from '../dom.js'
import { KINDS, modelList, offer } from '../models.js'
import { plan } from './dialog.js'
import { field, number, select } from './fields.js'

const dollars = () => number('max_cost_usd', { min: 0, step: 'any' })

/** A new film from this one, now or at a position of its past, by other models where one likes. */
export async function forkPlan(job, { at = null, kinds = Object.keys(KINDS), title = 'Fork this film' } = {}) {
  const list = await modelList()
  const key = randomKey()
  const budget = dollars()
  const look = h('input', { name: 'style', dir: 'auto' })
  const models = kinds.map((kind) => {
    const [control, note] = [h('select', { name: kind }), h('span')]
    offer(control, note, list, kind, job.models[kind])
    return { kind, control, element: field(`/changes/models/${kind}`, `${KINDS[kind][0]} by`, control, note) }
  })
  const body = (dry_run) => {
    const changed = models.filter(({ control }) => control.value).map(({ kind, control }) => [kind, control.value])
    return { at, dry_run, changes: {
      models: Object.fromEntries(changed), options: look.value.trim() ? { style: look.value.trim() } : {},
      ...(budget.value ? { max_cost_usd: Number(budget.value) } : {}),
    } }
  }
  plan({
    title, verb: 'Make the fork',
    words: `A new film ${at == null ? 'from all that is made' : `from what was made by event ${at}`}. What the changes do not touch is kept and costs nothing.`,
    fields: [models.map(({ element }) => element), field('/changes/options/style', 'Another look', look),
      field('/changes/max_cost_usd', 'Budget in US dollars', budget, job.cost.max_usd == null ? 'It had no limit' : `It was $${job.cost.max_usd}`)],
    ask: () => api.fork(job.id, body(true)),
    act: async () => (location.hash = `#/jobs/${(await api.fork(job.id, body(false), key)).id}`),
  })
}

/** The same failed film with more to spend; what is missing is made. */
export function budgetPlan(job, take) {
  const budget = dollars()
  budget.value = job.cost.max_usd == null ? '' : job.cost.max_usd * 2
  plan({
    title: 'Retry with another budget', verb: 'Retry',
    words: `So far ${job.cost.usd} US dollars are spent. Only what is missing is made.`,
    fields: [field('/max_cost_usd', 'Budget in US dollars, for all runs together', budget)],
    act: async () => take(await api.retry(job.id, budget.value ? { max_cost_usd: Number(budget.value) } : {})),
  })
}

/** One picture or voice again, from the recorded prompt or an own one. `assets`: `{image, narration, storyboard}`. */
export async function againPlan(scene, assets, take) {
  const kinds = [['image', 'Picture'], ['narration', 'Voice']].filter(([kind]) => assets[kind].product)
  const what = select('what', kinds)
  const prompt = h('textarea', { name: 'prompt', rows: 7, dir: 'auto', placeholder: 'As it was' })
  const board = assets.storyboard?.product ? await api.content(assets.storyboard.id).catch(() => null) : null
  const frame = board?.frames?.find((one) => one.scene === scene.scene)
  const drawn = frame ? (frame.prompt.includes(board.style) ? frame.prompt : `${frame.prompt}\n\n${board.style}`) : ''
  const fill = () => (prompt.value = what.value === 'image' ? drawn : '')
  what.addEventListener('input', fill)
  fill()
  const body = (dry_run) => {
    const own = prompt.value.trim()
    return own && own !== drawn.trim() ? { prompt: own, dry_run } : { dry_run }
  }
  plan({
    title: `Make scene ${scene.scene} again`, verb: 'Make it again', words: 'What is made from it is made again too, and nothing else.',
    fields: [field('/what', 'What', what), field('/prompt', 'Prompt', prompt, 'Left as it is, the recorded prompt is asked again')],
    ask: () => api.regenerate(assets[what.value].id, body(true)),
    act: async () => take(await api.regenerate(assets[what.value].id, body(false))),
  })
}
