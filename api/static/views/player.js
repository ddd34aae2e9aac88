/** The finished film, its captions and chapters, and everything there is to take home. */

import { contentUrl } from '../api.js'
import { button, h, icon, show } from '../dom.js'
import { assetOf, fact } from '../fold.js'
import { bytes, clock } from '../format.js'

export class Player {
  constructor() {
    this.element = h('section.film-section', { 'aria-label': 'The film', hidden: true })
  }

  draw({ status, options, scenes }, story) {
    const made = (kind) => [assetOf(story, kind)].find((asset) => asset?.status === 'generated')
    const film = made('video')
    this.element.hidden = !film
    // A film that is shown keeps playing: only another revision, or none, replaces it.
    show(this.element, film ? `${film.id} ${film.revision} ${status}` : '', () => {
      if (!film) return []
      const [captions, poster] = [made('captions'), made('poster')]
      const language = fact(assetOf(story, 'analysis')?.product, 'language') ?? 'en'
      // Words that are in the picture already are not shown twice unless asked for.
      const video = h('video', { controls: true, preload: 'metadata', playsinline: true, src: contentUrl(film), poster: poster && contentUrl(poster) },
        captions && options.captions !== 'none' && h('track', { kind: 'captions', srclang: language, label: 'Captions', src: contentUrl(captions), default: options.captions === 'sidecar' }))
      const link = (asset, name, label) => asset && h('a.button', { href: contentUrl(asset), download: name }, icon('down'), label, h('small', bytes(asset.product.data.bytes)))
      return [h('div.screen', { 'data-shape': options.aspect_ratio }, video), chapters(scenes, story, video),
        h('p.downloads', link(film, 'video.mp4', 'Film'), link(captions, 'captions.vtt', 'Captions'), link(poster, 'poster.jpg', 'Poster'), link(made('manifest'), 'manifest.json', 'Manifest'))]
    })
  }
}

function chapters(scenes, story, video) {
  let start = 0
  const items = scenes.map(({ scene, text }) => {
    const at = start
    // The transition to the next scene is a segment of its own.
    start += fact(assetOf(story, 'clip', scene)?.product, 'duration_s') + fact(assetOf(story, 'transition', scene)?.product, 'duration_s')
    return h('li', button([h('span.at', clock(at)), h('span', { dir: 'auto' }, text)], () => {
      video.currentTime = at
      video.play()
    }, { class: 'chapter' }))
  })
  return items.length > 1 && h('nav.chapters', { 'aria-label': 'Chapters' }, h('ol', items))
}
