/** The scenes: what each is to be, as it comes about. */

import { between, button, contentUrl, dots, duration, ended, h, icon, money, part, sentence } from '../core.js'
import { assetOf, fact } from '../fold.js'
import { againPlan, rewordPlan } from './plans.js'
import { showProvenance } from './provenance.js'

export const PARTS = ['image', 'shot', 'narration', 'clip']
const DOING = { image: 'Drawing', shot: 'Filming', narration: 'Speaking', clip: 'Setting in motion' }

export const scenes = (view, { scenes, options, status }, story, past) => part('Scenes',
	scenes.length === 0 && h('p.words-first', { dir: 'auto' }, story.submitted?.data.script),
	h('ol.scenes', { 'data-shape': options.aspect_ratio }, scenes.map((scene) => card(view, scene, story, (ended(status) || status === 'awaiting_review') && !past))))

const paid = ({ attempts = [] }) => attempts.reduce((sum, { end }) => sum + (end?.data.cost_usd ?? 0), 0)
const shown = (asset) => asset.status === 'generated' && contentUrl(asset)

function card(view, { scene: number, text, images, shots = [] }, story, over) {
	const [pictures, filmed] = [images, shots].map((parts) => parts.map(({ id }) => story.assets.get(id) ?? {}))
	const [narration, film] = ['narration', 'clip'].map((kind) => assetOf(story, kind, number) ?? {})
	const assets = [...pictures, ...filmed, narration, film]
	const [picture, voice, cut] = [pictures[0], narration, film].map(shown)
	const clip = cut || filmed.map(shown).find(Boolean)
	const made = assets.filter(({ product }) => product)
	const again = [...pictures, ...filmed, narration].filter(({ status }) => status === 'generated' || status === 'failed')
	const spent = assets.map((asset) => [asset, paid(asset)]).sort(([, one], [, other]) => other - one)
	const cost = spent.reduce((sum, [, usd]) => sum + usd, 0)
	const tool = (label, act) => button([label, h('span.unseen', ` (scene ${number})`)], () => view.dare(act()))
	return h(`li.scene${clip || picture ? '.pictured' : ''}`, { key: number, id: `scene-${number}` },
		h('div.frame', { 'data-status': pictures[0].status },
			clip ? player('video', `Play the ${cut ? 'clip' : 'shot'} of scene ${number}`, '', { class: 'round' },
				{ src: clip, poster: picture, playsinline: true, loop: true, muted: true, 'aria-label': `${cut ? 'Clip' : 'Shot'} of scene ${number}: ${text}` })
				: picture ? h('img', { key: picture, src: picture, alt: `Picture of scene ${number}: ${text}` })
					: h('p.card-words', { 'aria-hidden': 'true', dir: 'auto' }, text)),
		images[1] && h('div.strip', pictures.map((one, index) => h('div.still', { 'data-status': one.status }, shown(one)
			&& h('img', { key: shown(one), src: shown(one), alt: `Picture ${index + 1} of scene ${number}`, loading: 'lazy' })))),
		h('div.under', h('h3', h('span.unseen', 'Scene '), number), h('p.words', { dir: 'auto' }, text),
			h('div.tools',
				voice && h('div', player('audio', `Hear the narration of scene ${number}`, `Voice ${duration(fact(narration.product, 'duration_s'))}`, {}, { src: voice })),
				cost > 0 && button([`Cost ${money(cost)}`, h('span.unseen', ` (scene ${number})`)], () => view.waterfall.show(spent[0][0].id), { title: 'What cost most, and why' }),
				made.length > 0 && tool('Provenance', () => showProvenance(`Scene ${number}`, view.film.id, (film.product ? [film] : made).map(({ id }) => id))),
				over && tool('Reword', async () => rewordPlan(view.job, number, view.take)),
				over && again.length > 0 && tool('Make again', () => againPlan(`Make scene ${number} again`, again, view.take))),
			h('ul.notes', assets.map((asset) => note(asset, view.film.moment)))))
}

function player(tag, name, label, props, media) {
	const mark = ({ target }) => target.previousElementSibling.toggleAttribute('data-playing', !target.paused)
	const toggle = ({ currentTarget: { nextElementSibling: it } }) => (it.paused ? it.play() : it.pause())
	return [button([icon('play'), icon('pause'), label], toggle, { 'aria-label': name, ...props }),
		h(tag, { key: media.src, preload: 'none', onplay: mark, onpause: mark, onended: mark, ...media })]
}

function note({ id, kind, name, status, attempts = [], failure, retryAt, product, model, revision, reused }, moment) {
	const count = attempts.length
	const line = (look, sign, ...text) => h('li', { key: id, 'data-look': look }, sign && icon(sign), h('span', { dir: 'auto' }, text))
	if (status === 'running') return line('busy', null, `${DOING[kind]}${count > 1 ? `, attempt ${count}` : ''} …`)
	if (status === 'failed') return line('bad', 'alert', `${sentence(kind)} failed: ${failure?.message ?? ''}`)
	if (status === 'waiting') {
		const left = between(moment, retryAt)
		return line('wait', 'wait', `${sentence(kind)}: ${failure ? failure.http_status ?? failure.code : 'its worker died'}${failure?.model ? ` from ${failure.model}` : ''}`,
			retryAt && [', ', h('b', `attempt ${count + 1} ${left > 0 ? `in ${Math.ceil(left)} s` : 'is due'}`)])
	}
	if (status !== 'generated' || !['image', 'shot'].includes(kind) || name.includes('.')) return null
	const { latency_s: took, cost_usd: cost } = product.data
	return line('done', null, dots(model, took && duration(took), cost !== undefined && cost !== 0 && money(cost),
		count > 1 && `attempt ${count}`, revision > 1 && `revision ${revision}`, reused && 'reused'))
}
