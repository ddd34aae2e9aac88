/** The stages in the order of the work, each with how far it is, how long it took and what it cost. */

import { attribute, h, icon, part, reconcile, say, show, SIGNS } from '../dom.js'
import { dots, duration, money, stageName } from '../format.js'

const WORDS = { completed: 'finished', failed: 'failed', running: 'under way', waiting: 'waiting', skipped: 'left out' }

export class Stages {
  constructor() {
    this.list = h('ol.stages')
    this.element = part('stages-title', 'Stages', this.list)
  }

  draw(job) {
    reconcile(this.list, job.stages, (stage) => stage.name, create, (element, stage) => update(element, stage, job))
  }
}

function create({ name }) {
  const parts = { sign: h('span.sign'), state: h('span.unseen'), count: h('span.count'), bar: h('progress', { max: 1, 'aria-hidden': 'true' }), facts: h('span.facts') }
  const { sign, ...others } = parts
  return Object.assign(h('li', sign, h('span.name', stageName(name)), ' ', Object.values(others)), { parts })
}

function update(element, stage, job) {
  const { sign, state, count, facts, bar } = element.parts
  const status = job.status === 'failed' && job.failure?.stage === stage.name ? 'failed' : stage.status
  attribute(element, 'data-status', status)
  show(sign, status, () => (SIGNS[status] ? [icon(SIGNS[status])] : []))
  say(state, WORDS[status] ?? 'not begun')
  say(count, stage.assets ? `${stage.done}/${stage.assets}` : '')
  attribute(bar, 'value', stage.assets ? stage.done / stage.assets : 0)
  say(facts, dots(stage.elapsed_s && duration(stage.elapsed_s), stage.cost_usd && money(stage.cost_usd)))
}
