/** When it fails: everything that is known, in the order in which one needs it. Nothing is summed up away. */

import { copy, h, icon } from '../dom.js'
import { assetName, duration, money, sentence, stageName, exactTime } from '../format.js'

/** Shown in words above, or a table of its own below. */
const ELSEWHERE = new Set(['message', 'hint', 'details'])
const NAMES = {
  code: 'Code', stage: 'Stage', asset: 'Asset', attempt: 'Attempt', model: 'Model', http_status: 'HTTP status',
  provider_status: 'Provider’s status', finish_reason: 'Finish reason', response_id: 'Response id',
  retry_after_s: 'Provider asks to wait', retryable: 'Another attempt may help', may_have_been_billed: 'May have been billed',
  elapsed_s: 'Took', prompt_digest: 'Prompt', raw_digest: 'Raw answer',
}

export class FailurePanel {
  constructor(view) {
    this.view = view
    this.element = h('section', { class: 'failure', role: 'alert', hidden: true })
  }

  draw(job, story, past) {
    const { failure } = job
    this.element.hidden = !failure
    const wanted = failure ? `${job.run} ${past} ${JSON.stringify(failure)}` : ''
    if (this.element.dataset.shows === wanted) return
    this.element.dataset.shows = wanted
    this.element.replaceChildren(...(failure ? this.#parts(job, failure, attemptsOf(failure, story), past) : []))
  }

  #parts(job, failure, attempts, past) {
    const where = [stageName(failure.stage), failure.asset && failureAsset(failure.asset), failure.attempt && `attempt ${failure.attempt}`]
    const details = Object.entries(failure.details ?? {})
    return [
      h('h2', {}, icon('alert'), headline(failure)),
      h('p', { class: 'where' }, where.filter(Boolean).join(' · ')),
      h('blockquote', { dir: 'auto' }, failure.message),
      failure.hint && h('p', { class: 'hint-line' }, h('b', {}, 'What to do: '), h('span', { dir: 'auto' }, failure.hint)),
      h('div', { class: 'actions' },
        !past && h('button', { type: 'button', class: 'primary', onclick: () => this.view.command('retry') }, 'Retry'),
        h('button', { type: 'button', class: 'quiet', onclick: (e) => copy(asMarkdown(job, failure, attempts), e.target) }, 'Copy as Markdown')),
      h('dl', { class: 'facts' }, fields(failure).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', { dir: 'auto' }, value)))),
      attempts.length > 0 && h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Attempts' }, h('table', {},
        h('caption', {}, 'Attempts'),
        h('thead', {}, h('tr', {}, ['#', 'At', 'Took', 'Outcome', 'What was said', 'Next'].map((name) => h('th', { scope: 'col' }, name)))),
        h('tbody', {}, attempts.map((attempt) => h('tr', {}, row(attempt).map((cell, i) => h(i ? 'td' : 'th', { scope: i ? null : 'row', dir: 'auto' }, cell))))))),
      details.length > 0 && h('details', { open: true }, h('summary', {}, 'Details'), h('pre', { tabindex: 0 }, JSON.stringify(failure.details, null, 2))),
    ].filter(Boolean)
  }
}

const headline = (failure) => `${sentence(failure.code)}${failure.http_status ? ` (HTTP ${failure.http_status})` : ''}`

/** `image:2` → `Scene 2 image`. */
function failureAsset(asset) {
  if (typeof asset !== 'string') return assetName(asset)
  const [kind, scene] = asset.split(':')
  return assetName({ kind, scene: scene ?? null })
}

/** Every field of the failure; what is not known is said to be so. */
function fields(failure) {
  const order = [...new Set([...Object.keys(NAMES), ...Object.keys(failure)])].filter((name) => !ELSEWHERE.has(name))
  return order.map((name) => [NAMES[name] ?? sentence(name), value(name, failure[name])])
}

function value(name, what) {
  if (what == null) return '–'
  if (what === true) return 'Yes'
  if (what === false) return 'No'
  if (name === 'stage') return stageName(what)
  if (name === 'asset') return failureAsset(what)
  if (name.endsWith('_s') && typeof what === 'number') return duration(what)
  return typeof what === 'object' ? JSON.stringify(what) : String(what)
}

function attemptsOf(failure, story) {
  const [kind, scene] = typeof failure.asset === 'string' ? failure.asset.split(':') : [failure.asset?.kind, failure.asset?.scene]
  for (const asset of story.assets.values()) {
    if (asset.id === failure.asset || (asset.kind === kind && String(asset.scene ?? '') === String(scene ?? ''))) return asset.attempts
  }
  return []
}

function row(attempt) {
  const took = attempt.endedAt ? (Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt)) / 1000 : null
  const { failure } = attempt
  const said = failure ? `${failure.code}${failure.http_status ? ` ${failure.http_status}` : ''}: ${failure.message}` : attempt.status === 'lost' ? 'The worker died with the call in flight' : ''
  const cost = attempt.end?.data?.cost_usd
  const wait = attempt.retryAt ? `again at ${exactTime(attempt.retryAt)}` : ''
  return [String(attempt.number), exactTime(attempt.startedAt), duration(took), attempt.status, said, [wait, cost > 0 && money(cost)].filter(Boolean).join(' · ')]
}

export function asMarkdown(job, failure, attempts) {
  const cell = (text) => String(text).replaceAll('|', '\\|').replace(/\s+/g, ' ')
  const fence = '`'.repeat(Math.max(3, ...[...`${failure.message}`.matchAll(/`+/g)].map((run) => run[0].length + 1)))
  return [
    `## ${headline(failure)}`, '', `Job \`${job.id}\`, run ${job.run}, provider ${job.provider}`, '', fence, failure.message, fence, '',
    failure.hint ? `**What to do:** ${failure.hint}\n` : '',
    '| field | value |', '|---|---|', ...Object.entries(failure).filter(([name]) => !ELSEWHERE.has(name)).map(([name, what]) => `| ${name} | ${cell(what ?? '–')} |`), '',
    ...(attempts.length ? ['| attempt | at | took | outcome | what was said | next |', '|---|---|---|---|---|---|', ...attempts.map((a) => `| ${row(a).map(cell).join(' | ')} |`), ''] : []),
    ...(Object.keys(failure.details ?? {}).length ? ['```json', JSON.stringify(failure.details, null, 2), '```'] : []),
  ].join('\n')
}
