/** When it fails: everything that is known, in the order in which one needs it. Nothing is summed up away. */

import { button, copy, facts, h, icon, show, table } from '../dom.js'
import { assetName, between, dots, duration, exactTime, money, sentence, stageName } from '../format.js'
import { budgetPlan, forkPlan } from './plans.js'

/** Fields with a name of their own; they come first. Those that are shown elsewhere have none. */
const NAMES = {
  code: 'Code', stage: 'Stage', asset: 'Asset', attempt: 'Attempt', model: 'Model', http_status: 'HTTP status',
  provider_status: 'Provider’s status', finish_reason: 'Finish reason', response_id: 'Response id',
  retry_after_s: 'Provider asks to wait', retryable: 'Another attempt may help', may_have_been_billed: 'May have been billed',
  elapsed_s: 'Took', prompt_digest: 'Prompt', raw_digest: 'Raw answer', message: '', hint: '', details: '',
}
const KIND_OF = { image_generation: 'image', narration: 'speech', script_analysis: 'text', prompt_generation: 'text', audio_planning: 'text' }
const COLUMNS = ['#', 'At', 'Took', 'Outcome', 'What was said', 'Next']

export class FailurePanel {
  constructor(view) {
    this.view = view
    this.element = h('section.failure', { role: 'alert', hidden: true })
  }

  draw(job, story, past) {
    const { failure } = job
    this.element.hidden = !failure
    show(this.element, failure ? `${job.run} ${past} ${JSON.stringify(failure)}` : '', () => (failure ? this.#parts(job, failure, attemptsOf(failure, story), past) : []))
  }

  #parts(job, failure, attempts, past) {
    const { view } = this
    const { stage, asset, attempt, message, hint } = failure
    const kind = KIND_OF[stage]
    const details = detailsOf(failure)
    return [
      h('h2', icon('alert'), headline(failure)),
      h('p.where', dots(stageName(stage), asset && assetName(asset), attempt && `attempt ${attempt}`)),
      h('blockquote', { dir: 'auto' }, message),
      hint && h('p.hint-line', h('b', 'What to do: '), h('span', { dir: 'auto' }, hint)),
      h('div.actions', !past && [
        button('Retry', () => view.command('retry'), { class: 'primary' }),
        button('Retry with another budget', () => budgetPlan(job, (next) => view.take(next))),
        kind && button('Try another model', () => view.dare(forkPlan(job, { kinds: [kind], title: 'The same film by another model' })))],
      button('Copy as Markdown', (e) => copy(asMarkdown(job, failure, attempts), e.target))),
      facts(fieldsOf(failure)),
      attempts.length > 0 && table({ 'aria-label': 'Attempts' }, COLUMNS, h('tbody', attempts.map((cells) =>
        h('tr', cells.map((cell, i) => h(i ? 'td' : 'th', { scope: i ? null : 'row', dir: 'auto' }, cell))))), 'Attempts'),
      details && h('details', { open: true }, h('summary', 'Details'), h('pre', { tabindex: 0 }, details)),
    ]
  }
}

const headline = ({ code, http_status: status }) => `${sentence(code)}${status ? ` (HTTP ${status})` : ''}`
const detailsOf = ({ details }) => Object.keys(details ?? {}).length && JSON.stringify(details, null, 2)

/** Every field of the failure; what is not known is said to be so. */
const fieldsOf = (failure) => Object.keys({ ...NAMES, ...failure }).filter((name) => NAMES[name] !== '')
  .map((name) => [NAMES[name] ?? sentence(name), value(name, failure[name])])

function value(name, what) {
  if (what == null) return '–'
  if (typeof what === 'boolean') return what ? 'Yes' : 'No'
  if (name === 'stage') return stageName(what)
  if (name === 'asset') return assetName(what)
  if (name.endsWith('_s')) return duration(what)
  return typeof what === 'object' ? JSON.stringify(what) : String(what)
}

/** The attempts at what failed, each as the cells of a row. */
function attemptsOf({ asset }, story) {
  const found = asset && [...story.assets.values()].find((one) => assetName(one) === assetName(asset))
  return (found?.attempts ?? []).map(({ number, startedAt, endedAt, status, failure, retryAt, end }) => [
    String(number), exactTime(startedAt), duration(between(startedAt, endedAt)), status,
    failure ? `${failure.code} ${failure.http_status ?? ''}: ${failure.message}` : status === 'lost' ? 'The worker died with the call in flight' : '',
    dots(retryAt && `again at ${exactTime(retryAt)}`, end?.data.cost_usd > 0 && money(end.data.cost_usd))])
}

function asMarkdown(job, failure, attempts) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`
  const grid = (names, rows) => [line(names), line(names.map(() => '---')), ...rows.map(line), '']
  // Longer than any run of backticks in it, so that the message cannot end its block.
  const fence = '`'.repeat(Math.max(2, ...(failure.message.match(/`+/g) ?? []).map((run) => run.length)) + 1)
  const details = detailsOf(failure)
  return [
    `## ${headline(failure)}`, '', `Job \`${job.id}\`, run ${job.run}, provider ${job.provider}`, '', fence, failure.message, fence, '',
    ...(failure.hint ? [`**What to do:** ${failure.hint}`, ''] : []),
    ...grid(['Field', 'Value'], fieldsOf(failure)), ...(attempts.length ? grid(COLUMNS, attempts) : []), ...(details ? ['```json', details, '```'] : []),
  ].join('\n')
}
