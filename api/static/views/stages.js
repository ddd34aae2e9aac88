/** The stages in the order of the work, each with how far it is, how long it took and what it cost. */

import { attribute, h, icon, part, reconcile, say, show, SIGNS } from '../dom.js'
import { duration, money, stageName } from '../format.js'

const WORDS = { completed: 'finished', failed: 'failed', running: 'under way', waiting: 'waiting', skipped: 'left out' }

export class Stages {
  constructor() {
    this.list = h('ol', { class: 'stages' })
    this.element = part('stages-title', 'Stages', this.list)
  }

  draw(job) {
    reconcile(this.list, job.stages, (stage) => stage.name, create, (element, stage) => update(element, stage, job))
  }
}

function create(stage) {
  const parts = {
    sign: h('span', { class: 'sign' }), state: h('span', { class: 'unseen' }), count: h('span', { class: 'count' }),
    facts: h('span', { class: 'facts' }), bar: h('progress', { max: 1, 'aria-hidden': 'true' }),
  }
  const element = h('li', {}, parts.sign, h('span', { class: 'name' }, stageName(stage.name)), ' ', parts.state, parts.count, parts.bar, parts.facts)
  element.parts = parts
  return element
}

function update(element, stage, job) {
  const { sign, state, count, facts, bar } = element.parts
  const status = job.status === 'failed' && job.failure?.stage === stage.name ? 'failed' : stage.status
  attribute(element, 'data-status', status)
  show(sign, status, () => (SIGNS[status] ? [icon(SIGNS[status])] : []))
  say(state, WORDS[status] ?? 'not begun')
  say(count, stage.assets ? `${stage.done}/${stage.assets}` : '')
  attribute(bar, 'value', stage.assets ? stage.done / stage.assets : 0)
  say(facts, [stage.elapsed_s != null && duration(stage.elapsed_s), stage.cost_usd > 0 && money(stage.cost_usd)].filter(Boolean).join(' · '))
}
