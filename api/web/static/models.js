/** What `/v1/models` says, as choices for one kind of call. */

import { api, contentUrl, dots, duration, field, h, plural } from './core.js'

export const KINDS = {
	text: ['Text model', 'Analysis, storyboard and audio plan', 'TEXT'],
	image: ['Image model', 'One image for each scene', 'IMAGE'],
	speech: ['Speech model', 'The narration', 'AUDIO'],
	video: ['Video model', 'Asked only where the film moves', 'VIDEO'],
	music: ['Music model', 'The music, from the audio plan', 'AUDIO'],
}
const rate = (usd) => (usd == null ? '?' : `$${usd}`)

const price = ({ price }, kind) => (price?.item != null ? `$${price.item} each` : price ? `${rate(price.input)} / ${rate(price.output[KINDS[kind][2]])}` : 'unpriced')

function about(model, kind) {
	const { calls, errors, median_latency_s: took } = model.health
	const failed = Object.values(errors).reduce((sum, count) => sum + count, 0)
	return dots(model.price ? `${price(model, kind)}${model.price.item == null ? ' for a million tokens in / out' : ''}` : 'Its price is not known here',
		calls && `${plural(calls, 'call')} on record`, failed && `${failed} failed`, took != null && `${duration(took)} each`,
		!['stable', 'unknown'].includes(model.state) && model.state, model.note,
		model.price?.next && `from ${model.price.next.since} on ${price({ price: model.price.next }, kind)}`)
}

export const modelList = () => api.models().then(({ data }) => data)

/** The value of `usual` (none: the default) is '', because what is not changed is not sent. */
export function modelField(name, kind, list, chosen, usual) {
	const models = list.filter(({ kinds }) => kinds.includes(kind))
	const isUsual = (model) => (usual ? model.id === usual : model.default)
	const model = models.find(({ id }) => id === chosen?.[kind]) ?? models.find(isUsual)
	const option = (one) => h('option', { key: one.id, value: isUsual(one) ? '' : one.id, disabled: !one.available, selected: isUsual(one) && one.available },
		one.available ? `${one.id} · ${price(one, kind)}` : `${one.id}: ${one.reason}`)
	const own = kind === 'music' && h('option', { key: kind, value: usual ? null : '', selected: !usual }, 'The synthesiser · free')
	return field(`${name}/${kind}`, KINDS[kind][0], h('select', own, models.length ? models.map(option) : !own && h('option', { value: '' }, 'The default')),
		`${KINDS[kind][1]}. `, model && about(model, kind))
}

export async function heard(voice) {
	const { data } = await api.jobs({ status: 'completed', limit: 20 })
	for (const { id } of data) {
		const found = (await api.assets(id)).find(({ kind, digest, recipe }) => kind === 'narration' && digest && recipe.parameters.voice === voice)
		if (found) return contentUrl(found)
	}
	return null
}
