/** When it fails: everything that is known, in the order in which one needs it. Nothing is summed up away. */

import { button, copy, facts, h, icon, show, table } from '../dom.js'
import { assetName, duration, exactTime, money, sentence, stageName } from '../format.js'
import { budgetPlan, forkPlan } from './plans.js'

/** Shown in words above, or as a block of its own below. */
const ELSEWHERE = new Set(['message', 'hint', 'details'])
const NAMES = {
  code: 'Code', stage: 'Stage', asset: 'Asset', attempt: 'Attempt', model: 'Model', http_status: 'HTTP status',
  provider_status: 'Provider’s status', finish_reason: 'Finish reason', response_id: 'Response id',
  retry_after_s: 'Provider asks to wait', retryable: 'Another attempt may help', may_have_been_billed: 'May have been billed',
  elapsed_s: 'Took', prompt_digest: 'Prompt', raw_digest: 'Raw answer',
}
const KIND_OF = { image_generation: 'image', narration: 'speech', script_analysis: 'text', prompt_generation: 'text', audio_planning: 'text' }

export class FailurePanel {
  constructor(view) {
    this.view = view
    this.element = h('section', { class: 'failure', role: 'alert', hidden: true })
  }

  draw(job, story, past) {
    const { failure } = job
    this.element.hidden = !failure
    show(this.element, failure ? `${job.run} ${past} ${JSON.stringify(failure)}` : '',
      () => (failure ? this.#parts(job, failure, attemptsOf(failure, story), past) : []))
  }

  #parts(job, failure, attempts, past) {
    const { view } = this
    const kind = KIND_OF[failure.stage]
    const where = [stageName(failure.stage), failure.asset && assetName(failure.asset), failure.attempt && `attempt ${failure.attempt}`]
    const details = JSON.stringify(failure.details ?? {}, null, 2)
    return [
      h('h2', {}, icon('alert'), headline(failure)),
      h('p', { class: 'where' }, where.filter(Boolean).join(' · ')),
      h('blockquote', { dir: 'auto' }, failure.message),
      failure.hint && h('p', { class: 'hint-line' }, h('b', {}, 'What to do: '), h('span', { dir: 'auto' }, failure.hint)),
      h('div', { class: 'actions' }, !past && [
        button('Retry', () => view.command('retry'), { class: 'primary' }),
        button('Retry with another budget', () => budgetPlan(job, (next) => view.take(next))),
        kind && button('Try another model', () => view.dare(forkPlan(job, { kinds: [kind], title: 'The same film by another model' })))],
      button('Copy as Markdown', (e) => copy(asMarkdown(job, failure, attempts), e.target))),
      facts(fields(failure)),
      attempts.length > 0 && table({ 'aria-label': 'Attempts' }, ['#', 'At', 'Took', 'Outcome', 'What was said', 'Next'],
        h('tbody', {}, attempts.map((attempt) => h('tr', {}, row(attempt).map((cell, i) => h(i ? 'td' : 'th', { scope: i ? null : 'row', dir: 'auto' }, cell))))), 'Attempts'),
      details !== '{}' && h('details', { open: true }, h('summary', {}, 'Details'), h('pre', { tabindex: 0 }, details)),
    ]
  }
}

const headline = (failure) => `${sentence(failure.code)}${failure.http_status ? ` (HTTP ${failure.http_status})` : ''}`

/** Every field of the failure; what is not known is said to be so. */
const fields = (failure) => [...new Set([...Object.keys(NAMES), ...Object.keys(failure)])].filter((name) => !ELSEWHERE.has(name))
  .map((name) => [NAMES[name] ?? sentence(name), value(name, failure[name])])

function value(name, what) {
  if (what == null) return '–'
  if (typeof what === 'boolean') return what ? 'Yes' : 'No'
  if (name === 'stage') return stageName(what)
  if (name === 'asset') return assetName(what)
  if (name.endsWith('_s')) return duration(what)
  return typeof what === 'object' ? JSON.stringify(what) : String(what)
}

function attemptsOf(failure, story) {
  const name = failure.asset && assetName(failure.asset)
  return [...story.assets.values()].find((asset) => assetName(asset) === name)?.attempts ?? []
}

function row({ number, startedAt, endedAt, status, failure, retryAt, end }) {
  const took = endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1000 : null
  const said = failure ? `${failure.code}${failure.http_status ? ` ${failure.http_status}` : ''}: ${failure.message}` : status === 'lost' ? 'The worker died with the call in flight' : ''
  const cost = end?.data?.cost_usd
  return [String(number), exactTime(startedAt), duration(took), status, said, [retryAt && `again at ${exactTime(retryAt)}`, cost > 0 && money(cost)].filter(Boolean).join(' · ')]
}

export function asMarkdown(job, failure, attempts) {
  const cell = (text) => String(text).replaceAll('|', '\\|').replace(/\s+/g, ' ')
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`
  const fence = '`'.repeat(Math.max(3, ...[...`${failure.message}`.matchAll(/`+/g)].map((run) => run[0].length + 1)))
  return [
    `## ${headline(failure)}`, '', `Job \`${job.id}\`, run ${job.run}, provider ${job.provider}`, '', fence, failure.message, fence, '',
    failure.hint ? `**What to do:** ${failure.hint}\n` : '',
    '| field | value |', '|---|---|', ...Object.entries(failure).filter(([name]) => !ELSEWHERE.has(name)).map(([name, what]) => line([name, what ?? '–'])), '',
    ...(attempts.length ? ['| attempt | at | took | outcome | what was said | next |', '|---|---|---|---|---|---|', ...attempts.map((attempt) => line(row(attempt))), ''] : []),
    ...(Object.keys(failure.details ?? {}).length ? ['```json', JSON.stringify(failure.details, null, 2), '```'] : []),
  ].join('\n')
}
