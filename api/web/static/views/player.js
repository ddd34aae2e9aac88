/** The film, whole, with its chapters and files beside it. */

import { button, bytes, clock, contentUrl, h, icon, ROOT } from '../core.js'
import { assetOf, fact } from '../fold.js'

/** `words` stand beside a film that leaves room for them. */
export function player({ id, status, options, scenes }, story, words) {
	const [film, captions, poster, manifest] = ['video', 'captions', 'poster', 'manifest'].map((kind) => {
		const asset = assetOf(story, kind)
		return asset?.status === 'generated' && asset
	})
	if (!film) return null
	return h('section.film-section', { 'aria-label': 'The film', 'data-shape': options.aspect_ratio },
		h('div.screen',
			h('video', { controls: true, preload: 'metadata', playsinline: true, src: contentUrl(film), poster: poster && contentUrl(poster) },
				// Words that are in the picture already are not shown twice unless asked for.
				captions && options.captions !== 'none' && h('track', { kind: 'captions', srclang: fact(assetOf(story, 'analysis')?.product, 'language') ?? 'en',
					label: 'Captions', src: contentUrl(captions), default: options.captions === 'sidecar' }))),
		h('div.beside', chapters(scenes, story),
			h('p.downloads', [[film, 'video.mp4', 'Film'], [captions, 'captions.vtt', 'Captions'], [poster, 'poster.jpg', 'Poster'], [manifest, 'manifest.json', 'Manifest']].map(
				([asset, name, label]) => asset && h('a.button', { href: contentUrl(asset), download: name }, icon('down'), label, h('small', bytes(asset.product.data.bytes)))),
				status === 'completed' && [['zip', 'All files', 'zip'], ['otio', 'Edit', 'for an editing program']].map(([form, label, what]) => h('a.button', { href: `${ROOT}/v1/jobs/${id}/export?as=${form}`, download: true }, icon('down'), label, h('small', what)))),
			words))
}

function chapters(scenes, story) {
	let next = 0
	const items = scenes.map(({ scene, text }) => {
		const at = next
		next += fact(assetOf(story, 'clip', scene)?.product, 'duration_s') + fact(assetOf(story, 'transition', scene)?.product, 'duration_s')
		return h('li', button([h('span.at', clock(at)), h('span', { dir: 'auto' }, text)], ({ target }) => {
			const video = target.closest('section').querySelector('video')
			video.currentTime = at
			video.play()
		}, { class: 'quiet chapter' }))
	})
	return items.length > 1 && h('nav.chapters', { 'aria-label': 'Chapters' }, h('ol', items))
}
