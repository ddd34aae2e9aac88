/** What failed, in full, and how one may go on. */

import { assetName, between, button, copy, dots, duration, exactTime, facts, h, icon, money, sentence, stageName, table } from '../core.js'
import { showWhy } from './explain.js'
import { againPlan, forkPlan, retryPlan, rewordPlan } from './plans.js'
import { paper } from './texts.js'

/** Fields not called as they are named; those shown elsewhere are not called at all. */
const NAMES = {
	http_status: 'HTTP status', provider_status: 'Provider’s status', retry_after_s: 'Provider asks to wait', retryable: 'Another attempt may help',
	elapsed_s: 'Took', prompt_digest: 'Prompt', raw_digest: 'Raw answer', message: '', hint: '', details: '',
}
const COLUMNS = ['#', 'At', 'Took', 'Outcome', 'What was said', 'Cost, next']
const BUDGET = 'Retry with another budget'

const FIXES = { budget: /^Raise max_cost/, words: /wording/, script: /another script|script without/, model: /another model/ }

/** How one may go on: `best` first, which is never what would only fail, or be paid for, again. */
export function waysOn({ hint, retryable, asset, stage, model }) {
	const words = (/^(image|shot|narration)/.test(asset) || (asset === 'music' && model)) && 'words'
	const fix = Object.keys(FIXES).find((way) => FIXES[way].test(hint))
	// What is spoken is what the captions say, so a voice is mended by the words of its scene.
	const scene = /^(image|shot|narration):/.test(asset) && 'scene'
	const best = retryable ? 'retry' : fix !== 'words' ? fix : words ? (/^narration/.test(asset) ? scene : words) : 'script'
	return { best, ways: new Set([best, 'retry', 'budget', kindOf(stage, model) && 'model', words, scene, 'script'].filter(Boolean)) }
}

const kindOf = (stage, model) => stage && ({ image_generation: 'image', video_generation: 'video', narration: 'speech', music: model ? 'music' : '', composition: '' }[stage] ?? 'text')

const failedAt = ({ shown }) => (shown.findLast(({ type }) => type === 'asset.attempt_failed' || type === 'job.failed') ?? shown.at(-1)).position

export function failurePanel(view, job, story, past) {
	const { failure } = job
	if (!failure) return null
	const { stage, attempt, message, hint, prompt_digest: prompt, raw_digest: raw } = failure
	const asset = failure.asset && [...story.assets.values()].find(({ name }) => name === failure.asset)
	const attempts = (asset?.attempts ?? []).map(cells)
	const details = detailsOf(failure)
	const { take } = view
	const { best, ways } = waysOn(failure)
	const acts = {
		retry: ['Retry', () => retryPlan(job, take, 'Retry')],
		budget: [BUDGET, () => retryPlan(job, take, 'Retry', BUDGET)],
		model: ['Try another model', () => view.dare(forkPlan(job, story, { kinds: [kindOf(stage, failure.model)], title: 'The same film by another model' }))],
		words: ['Change the wording', () => view.dare(againPlan('Ask in other words', [asset], take))],
		scene: [`Reword scene ${asset?.scene}`, () => rewordPlan(job, asset.scene, take)],
		script: ['Change the script', () => view.dare(forkPlan(job, story, { kinds: [], title: 'The same film from another script', open: true }))],
	}
	return h('section.failure', { 'aria-label': 'What failed' },
		h('div', { role: 'alert' }, h('h2', icon('alert'), ' ', title(failure)),
			h('p.where', dots(stageName(stage), attempt && `attempt ${attempt}`)),
			h('blockquote', { dir: 'auto' }, message),
			hint && h('p.advice', h('b', 'What to do: '), h('span', { dir: 'auto' }, hint))),
		h('div.actions',
			!past && [...ways].map((way) => button(...acts[way], { key: way, class: way === best ? 'primary' : 'quiet' }))),
		h('div.tools',
			button('Why?', () => view.dare(showWhy(view.film, failedAt(view.film))), { 'aria-label': 'Why did it fail?' }),
			button('Copy link', ({ currentTarget }) => copy(`${location.href.split('#')[0]}#/jobs/${job.id}?at=${failedAt(view.film)}`, currentTarget), { 'aria-label': 'Copy a link to the moment it failed' }),
			button('Copy as Markdown', ({ target }) => copy(asMarkdown(job, failure, attempts), target))),
		facts(fieldsOf(failure).map(([name, what]) => [name, short(what)])),
		attempts.length > 0 && table('Attempts', COLUMNS, attempts.map((row) => h('tr', row.map((cell, i) => h(i ? 'td' : 'th', { scope: i ? null : 'row', dir: 'auto' }, cell))))),
		asset && prompt && paper('The prompt', asset.id, prompt), asset && raw && paper('The raw answer', asset.id, raw),
		details && h('details', { open: true }, h('summary', 'Details'), h('pre', { tabindex: 0 }, details)))
}

const title = ({ asset, code, http_status: status }) => `${asset ? assetName(asset) : 'Film'} failed: ${code.replaceAll('_', ' ')}${status > 399 ? ` (HTTP ${status})` : ''}`
const detailsOf = ({ details }) => Object.keys(details ?? {}).length > 0 && JSON.stringify(details, null, 2)

/** What has no value says nothing. */
const fieldsOf = (failure) => Object.entries(failure).filter(([name, what]) => NAMES[name] !== '' && what != null && what !== '')
	.map(([name, what]) => [NAMES[name] ?? sentence(name), value(name, what)])

/** Of a digest so much that it can be told from others; what it is of stands below, and all of it is in the Markdown. */
const short = (what) => (/^sha256:/.test(what) ? h('span', { title: what }, `${what.slice(0, 19)} …`) : what)

function value(name, what) {
	if (typeof what === 'boolean') return what ? 'Yes' : 'No'
	if (name === 'stage') return stageName(what)
	if (name === 'asset') return assetName(what)
	if (name.endsWith('_s')) return duration(what)
	return typeof what === 'object' ? JSON.stringify(what) : String(what)
}

const cells = ({ number, startedAt, endedAt, status, failure, retryAt, end }) => [
	String(number), exactTime(startedAt), duration(between(startedAt, endedAt)), status,
	failure ? `${[failure.code, failure.http_status].filter(Boolean).join(' ')}: ${failure.message}` : status === 'lost' ? 'The worker died with the call in flight' : '',
	dots(retryAt && `again at ${exactTime(retryAt)}`, end?.data.cost_usd > 0 && money(end.data.cost_usd))]

function asMarkdown(job, failure, attempts) {
	const line = (row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`
	const grid = (names, rows) => [line(names), line(names.map(() => '---')), ...rows.map(line), '']
	// Longer than any run of backticks in it, so that the message cannot end its block.
	const fence = '`'.repeat(Math.max(2, ...(failure.message.match(/`+/g) ?? []).map(({ length }) => length)) + 1)
	const details = detailsOf(failure)
	return [
		`## ${title(failure)}`, '', `Job \`${job.id}\`, run ${job.run}, provider ${job.provider}`, '', fence, failure.message, fence, '',
		...(failure.hint ? [`**What to do:** ${failure.hint}`, ''] : []),
		...grid(['Field', 'Value'], fieldsOf(failure)), ...(attempts.length ? grid(COLUMNS, attempts) : []), ...(details ? ['```json', details, '```'] : []),
	].join('\n')
}
