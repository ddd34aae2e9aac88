/** The finished film, its captions and chapters, and everything there is to take home. */

import { contentUrl } from '../api.js'
import { button, h, icon, show } from '../dom.js'
import { bytes, clock } from '../format.js'
import { assetOf, fact } from '../fold.js'

export class Player {
  constructor() {
    this.element = h('section', { class: 'film-section', 'aria-label': 'The film', hidden: true })
  }

  draw(job, story) {
    const video = generated(story, 'video')
    this.element.hidden = !video
    // A film that is shown keeps playing: only another revision, or none, replaces it.
    show(this.element, video ? `${video.id} ${video.revision} ${job.status}` : '', () => (video ? this.#parts(job, story, video) : []))
  }

  #parts({ options, scenes }, story, made) {
    const [captions, poster] = [generated(story, 'captions'), generated(story, 'poster')]
    const language = fact(assetOf(story, 'analysis')?.product, 'language') ?? 'en'
    const video = h('video', { controls: true, preload: 'metadata', playsinline: true, src: contentUrl(made), poster: poster && contentUrl(poster) })
    if (captions && options.captions !== 'none') {
      // Words that are in the picture already are not shown twice unless asked for.
      video.append(h('track', { kind: 'captions', srclang: language, label: 'Captions', src: contentUrl(captions), default: options.captions === 'sidecar' }))
    }
    return [h('div', { class: 'screen', 'data-shape': options.aspect_ratio }, video), chapters(scenes, story, video), downloads(made, captions, poster, story)]
  }
}

function chapters(scenes, story, video) {
  let start = 0
  const items = []
  for (const { scene, clip, text } of scenes) {
    const length = fact(story.assets.get(clip?.id)?.product, 'duration_s')
    if (length == null) return null
    const at = start
    // The transition to the next scene is a segment of its own.
    start += length + (fact(assetOf(story, 'transition', scene)?.product, 'duration_s') ?? 0)
    items.push(h('li', {}, button([h('span', { class: 'at' }, clock(at)), h('span', { dir: 'auto' }, text)], () => {
      video.currentTime = at
      video.play()
    }, { class: 'chapter' })))
  }
  return items.length > 1 && h('nav', { class: 'chapters', 'aria-label': 'Chapters' }, h('ol', {}, items))
}

function generated(story, kind) {
  const asset = assetOf(story, kind)
  return asset?.status === 'generated' ? asset : null
}

function downloads(video, captions, poster, story) {
  const link = (asset, name, label) => asset && h('a', { href: contentUrl(asset), download: name, class: 'button' },
    icon('down'), label, h('small', {}, bytes(asset.product.data.bytes)))
  return h('p', { class: 'downloads' }, link(video, 'video.mp4', 'Film'), link(captions, 'captions.vtt', 'Captions'),
    link(poster, 'poster.jpg', 'Poster'), link(generated(story, 'manifest'), 'manifest.json', 'Manifest'))
}
