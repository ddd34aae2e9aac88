/** What `/v1/models` says, as choices for one kind of call. */

import { api } from './api.js'
import { h } from './dom.js'
import { dots, duration, plural } from './format.js'

export const KINDS = {
  text: ['Words', 'Analysis, storyboard and audio plan', 'TEXT'],
  image: ['Pictures', 'One image for each scene', 'IMAGE'],
  speech: ['Voice', 'The narration', 'AUDIO'],
}

const rate = (usd) => (usd == null ? '?' : `$${usd}`)

/** What a million tokens cost in and out; an unknown price is not a low one. */
const price = ({ price }, kind) => (price ? `${rate(price.input)} / ${rate(price.output[KINDS[kind][2]])}` : 'unpriced')

/** What is good to know of a model before it is chosen. */
function about(model, kind) {
  const { calls, errors, median_latency_s } = model.health
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0)
  return dots(model.price ? `${price(model, kind)} for a million tokens in / out` : 'Its price is not known here',
    calls && `${plural(calls, 'call')} on record${failed ? `, ${failed} failed` : ''}${median_latency_s == null ? '' : `, ${duration(median_latency_s)} each`}`,
    !['stable', 'unknown'].includes(model.state) && model.state, model.note,
    model.price?.next && `from ${model.price.next.since} on ${price({ price: model.price.next }, kind)}`)
}

/** `{data, kindOf: {stage: kind}}`. */
export async function modelList() {
  const { data, stages } = await api.models()
  return { data, kindOf: Object.fromEntries(stages.map(({ stage, kind }) => [stage, kind])) }
}

/**
 * Make `select` offer the models of a kind, those that will not do with the reason; `note` tells of the chosen one.
 * The value of `usual` (null: the default) is '', because what is not changed is not sent.
 */
export function offer(select, note, list, kind, usual = null) {
  const models = list.data.filter((model) => model.kinds.includes(kind))
  const isUsual = (model) => (usual ? model.id === usual : model.default)
  select.replaceChildren(...models.map((model) => h('option', { value: isUsual(model) ? '' : model.id, disabled: !model.available, selected: isUsual(model) && model.available },
    model.available ? `${model.id} · ${price(model, kind)}` : `${model.id}: ${model.reason}`)))
  const tell = () => (note.textContent = models[select.selectedIndex] ? about(models[select.selectedIndex], kind) : '')
  select.addEventListener('change', tell)
  tell()
}

/** The voices that the speech models have, where the server names them. */
export const voices = (list) => [...new Set(list.data.flatMap((model) => model.capabilities.voices ?? []))]
