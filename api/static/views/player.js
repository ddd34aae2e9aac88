/** The finished film, its captions and chapters, and everything there is to take home. */

import { contentUrl } from '../api.js'
import { h, icon } from '../dom.js'
import { bytes, clock } from '../format.js'
import { assetOf, fact } from '../fold.js'

export class Player {
  constructor() {
    this.element = h('section', { class: 'film-section', 'aria-label': 'The film', hidden: true })
  }

  draw(job, story, past) {
    const video = assetOf(story, 'video')
    const made = video?.status === 'generated' ? video : null
    // A film that is shown keeps playing: only another revision, or none, replaces it.
    const wanted = made ? `${made.id} ${made.revision} ${job.status}` : ''
    this.element.hidden = !made
    if (this.element.dataset.shows === wanted) return
    this.element.dataset.shows = wanted
    this.element.replaceChildren(...(made ? this.#parts(job, story, made, past) : []))
  }

  #parts(job, story, made) {
    const captions = generated(story, 'captions')
    const poster = generated(story, 'poster')
    const language = fact(assetOf(story, 'analysis')?.product, 'language') ?? 'en'
    const video = h('video', { controls: true, preload: 'metadata', playsinline: true, src: contentUrl(made), poster: poster && contentUrl(poster) })
    if (captions && job.options?.captions !== 'none') {
      // Words that are in the picture already are not shown twice unless asked for.
      video.append(h('track', { kind: 'captions', srclang: language, label: 'Captions', src: contentUrl(captions), default: job.options?.captions === 'sidecar' }))
    }
    return [h('div', { class: 'screen', 'data-shape': job.options?.aspect_ratio ?? '16:9' }, video), this.#chapters(job, story, video), downloads(made, captions, poster, story)]
  }

  #chapters(job, story, video) {
    let start = 0
    const items = []
    for (const scene of job.scenes ?? []) {
      const clip = story.assets.get(scene.clip?.id)
      const length = fact(clip?.product, 'duration_s')
      if (length == null) return null
      const at = start
      // The transition to the next scene is a segment of its own.
      start += length + (fact(assetOf(story, 'transition', scene.scene)?.product, 'duration_s') ?? 0)
      items.push(h('li', {}, h('button', { type: 'button', class: 'chapter', onclick: () => {
        video.currentTime = at
        video.play()
      } }, h('span', { class: 'at' }, clock(at)), h('span', { dir: 'auto' }, scene.text))))
    }
    return items.length > 1 ? h('nav', { class: 'chapters', 'aria-label': 'Chapters' }, h('ol', {}, items)) : null
  }
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
