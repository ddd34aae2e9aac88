/** The ways to go on from a film that cost money. */

import { api, field, h, money, number, select } from '../core.js'
import { KINDS, modelField, modelList } from '../models.js'
import { openWith, plan } from './dialog.js'

const PARTS = { image: 'Picture', shot: 'Shot', narration: 'Voice', script: 'Script', analysis: 'Division into scenes', storyboard: 'Storyboard', audio_plan: 'Audio plan', music: 'Music' }

const budget = (name, label, hint) => field(name, label, number({ min: 0, step: 'any' }), hint)

const goTo = ({ id }) => (location.hash = `#/jobs/${id}`)

const FORK = 'Fork this film'

export const forkPlan = (job, story, how = {}) => openWith(how.title ?? FORK, modelList(), (list) => openFork(list, job, story, how))

/** Once the models are there. */
export function openFork(list, job, story, { at = null, kinds = Object.keys(KINDS), title = FORK, open } = {}) {
	const { max_usd } = job.cost
	const option = (name, ...parts) => field(`/changes/options/${name}`, ...parts)
	plan({
		title, verb: 'Make the fork',
		words: `A new film ${at == null ? 'from all that is made' : `from what was made by event ${at}`}. What the changes do not touch is kept and costs nothing.`,
		fields: ({ changes }) => [option('style', 'Another style', h('input', { dir: 'auto' })),
			kinds.length > 0 && h('details', { open: kinds.length === 1 }, h('summary', 'Models'),
				kinds.map((kind) => modelField('/changes/models', kind, list, changes?.models, job.models[kind]))),
			h('details', { open }, h('summary', 'Script, voice, captions, length'),
				field('/changes/script', 'Script', h('textarea', { rows: 7, dir: 'auto' }, story.submitted.data.script)), option('voice', 'Another voice', h('input')),
				option('captions', 'Captions', select('As they were', ['burned', 'In the picture'], ['sidecar', 'As a track'], ['none', 'None'])),
				option('target_duration_s', 'Length in seconds', number({ min: 1, max: 3600 }))),
			field('/changes/language', 'Language', h('input', { placeholder: job.language ?? 'Of the script' }), 'In another one the same words are translated'),
			budget('/changes/max_cost_usd', 'Budget in US dollars', max_usd == null ? 'It had no limit' : `It was $${max_usd}`)],
		ask: (changes) => api.fork(job.id, { at, dry_run: true, ...changes }),
		act: (changes) => api.fork(job.id, { at, ...changes }),
		then: goTo,
	})
}

/** What is asked again may be paid twice, and whoever asks is told so first. */
const billed = ({ failure, cost: { lost_calls: lost } }) => (failure?.may_have_been_billed || lost ? ' A call that was not answered may have been billed all the same, so that part may be paid again.' : '')

export const rewordPlan = ({ id, scenes }, number, take) => plan({
	title: `Reword scene ${number}`, verb: 'Make it so', words: 'What is made from these words is made again, and nothing else.',
	fields: () => [
		field(`/scenes/${number}/text`, 'What is spoken', h('textarea', { rows: 4, dir: 'auto' }, scenes.find(({ scene }) => scene === number)?.text)),
		field(`/scenes/${number}/visual`, 'What is to be seen', h('textarea', { rows: 3, dir: 'auto' }), 'Left empty, it is as planned; else the scene has one picture, drawn from this'),
	],
	ask: (changes) => (changes.scenes ? api.scenes(id, { ...changes, dry_run: true }) : Promise.reject(new Error('Write other words.'))),
	act: async (changes, key) => take(await api.scenes(id, changes, key)),
})

export const retryPlan = (job, take, verb, limit) => plan({
	title: limit ?? verb, verb, words: `So far ${money(job.cost.usd)} is spent. Only what is missing is made.${billed(job)}`,
	fields: () => limit && budget('/max_cost_usd', 'Budget in US dollars, for all runs together'),
	ask: (changes) => api.retry(job.id, { ...changes, dry_run: true }),
	act: async (changes, key) => take(await api.retry(job.id, changes, key)),
})

/** A file that was sent takes an asset's place: how it is fitted, what follows, and what that costs. */
export const providePlan = (asset, { name, digest }, take) => plan({
	title: `${name} as ${PARTS[asset.kind].toLowerCase()}`, verb: 'Use it', words: 'It costs nothing; what is made from it is made again.',
	fields: () => null,
	ask: () => api.provide(asset.id, { file: digest, dry_run: true }),
	act: async (_, key) => take(await api.provide(asset.id, { file: digest }, key)),
})

const OWN = 'Your own script'

/** Words of one's own in place of a script that was written on a topic. */
export const wordsPlan = (asset, take) => openWith(OWN, api.content(asset), ({ paragraphs }) => plan({
	title: OWN, verb: 'Use these words', words: 'They are divided into scenes anew, and you are asked again.',
	fields: () => field('/text', 'Script', h('textarea', { rows: 14, dir: 'auto' }, paragraphs.join('\n\n'))),
	ask: ({ text = paragraphs.join('\n\n') }) => api.provide(asset.id, { text, dry_run: true }),
	act: async ({ text = paragraphs.join('\n\n') }, key) => take(await api.provide(asset.id, { text }, key)),
}))

/** The same film in another language: a fork whose pictures are kept. */
export const translatePlan = (job) => plan({
	title: 'Translate this film', verb: 'Make the translation', words: 'A new film: words, voice and captions in another language, the pictures as they are.',
	fields: () => field('/changes/language', 'Language', h('input', { placeholder: 'fr, pt-BR, ja …', autofocus: true }), job.language ? `It is in ${languageName(job.language)}` : ''),
	ask: ({ changes }) => (changes ? api.fork(job.id, { dry_run: true, changes }) : Promise.reject(new Error('Name a language.'))),
	act: (changes) => api.fork(job.id, changes),
	then: goTo,
})

const languageName = (tag) => new Intl.DisplayNames('en', { type: 'language' }).of(tag)

const promptOf = async ({ id }) => {
	const { prompt_digest: prompt } = (await api.asset(id)).recipe
	return prompt && api.paper(id, prompt)
}

export const againPlan = (title, assets, take) => openWith(title, Promise.all(assets.map(promptOf)), (usual) => {
	const again = ({ what = 0, ...changes }, more, key) => api.regenerate(assets[what].id, { ...changes, ...more }, key)
	plan({
		title, verb: 'Make it again', words: 'What is made from it is made again too, and nothing else.',
		fields: ({ what = 0 }) => [assets[1] && field('/what', 'What', h('select', assets.map(({ kind, name }, value) => h('option', { value }, PARTS[kind], ' ', name.split('.')[1] ?? '')))),
			usual[what] && field('/prompt', 'Prompt', h('textarea', { key: what, rows: 7, dir: 'auto' }, usual[what]), 'Left as it is, the recorded prompt is asked again')],
		ask: (changes) => again(changes, { dry_run: true }),
		act: async (changes, key) => take(await again(changes, {}, key)),
	})
})
