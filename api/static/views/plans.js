/** The ways to go on from a film that cost money. */

import { api, randomKey } from '../api.js'
import { h } from '../dom.js'
import { KINDS, modelList, offer } from '../models.js'
import { plan } from './dialog.js'
import { field, number, select } from './fields.js'

const budgetField = (pointer, label, hint) => {
  const control = number('max_cost_usd', { min: 0, step: 'any' })
  // What is left empty is not changed.
  return [field(pointer, label, control, hint), () => (control.value ? { max_cost_usd: Number(control.value) } : {})]
}

/** A new film from this one, now or at a position of its past, by other models where one likes. */
export async function forkPlan(job, { at = null, kinds = Object.keys(KINDS), title = 'Fork this film' } = {}) {
  const list = await modelList()
  const key = randomKey()
  const look = h('input', { dir: 'auto' })
  const [budget, money] = budgetField('/changes/max_cost_usd', 'Budget in US dollars', job.cost.max_usd == null ? 'It had no limit' : `It was $${job.cost.max_usd}`)
  const models = kinds.map((kind) => {
    const [control, note] = [h('select'), h('span')]
    offer(control, note, list, kind, job.models[kind])
    return [kind, control, field(`/changes/models/${kind}`, `${KINDS[kind][0]} by`, control, note)]
  })
  const body = (dry_run) => ({ at, dry_run, changes: {
    models: Object.fromEntries(models.filter(([, { value }]) => value).map(([kind, { value }]) => [kind, value])),
    options: look.value.trim() ? { style: look.value.trim() } : {}, ...money(),
  } })
  plan({
    title, verb: 'Make the fork',
    words: `A new film ${at == null ? 'from all that is made' : `from what was made by event ${at}`}. What the changes do not touch is kept and costs nothing.`,
    fields: [models.map(([, , element]) => element), field('/changes/options/style', 'Another look', look), budget],
    ask: () => api.fork(job.id, body(true)),
    act: async () => (location.hash = `#/jobs/${(await api.fork(job.id, body(false), key)).id}`),
  })
}

/** The same failed film with more to spend. */
export function budgetPlan(job, take) {
  const [budget, money] = budgetField('/max_cost_usd', 'Budget in US dollars, for all runs together')
  plan({
    title: 'Retry with another budget', verb: 'Retry', fields: budget,
    words: `So far $${job.cost.usd} is spent. Only what is missing is made.`,
    act: async () => take(await api.retry(job.id, money())),
  })
}

/** One picture or voice again, from the recorded prompt or an own one. `assets`: `{image, narration, storyboard}`. */
export async function againPlan({ scene }, assets, take) {
  const what = select('what', [['image', 'Picture'], ['narration', 'Voice']].filter(([kind]) => assets[kind].product))
  const prompt = h('textarea', { rows: 7, dir: 'auto', placeholder: 'As it was' })
  const { frames, style } = await api.content(assets.storyboard.id)
  const drawn = frames.find((frame) => frame.scene === scene).prompt
  const usual = () => (what.value !== 'image' ? '' : drawn.includes(style) ? drawn : `${drawn}\n\n${style}`)
  const fill = () => (prompt.value = usual())
  what.addEventListener('input', fill)
  fill()
  const regenerate = (dry_run) => {
    const own = prompt.value.trim()
    return api.regenerate(assets[what.value].id, own && own !== usual().trim() ? { prompt: own, dry_run } : { dry_run })
  }
  plan({
    title: `Make scene ${scene} again`, verb: 'Make it again', words: 'What is made from it is made again too, and nothing else.',
    fields: [field('/what', 'What', what), field('/prompt', 'Prompt', prompt, 'Left as it is, the recorded prompt is asked again')],
    ask: () => regenerate(true),
    act: async () => take(await regenerate(false)),
  })
}
