/** The scenes: each card goes from words to picture to voice to clip, and says what it waits for. */

import { contentUrl, now } from '../api.js'
import { h, icon, reconcile, say } from '../dom.js'
import { duration, money } from '../format.js'
import { fact } from '../fold.js'
import { showProvenance } from './provenance.js'

const NONE = { status: 'pending' }

export class Scenes {
  constructor() {
    this.grid = h('ol', { class: 'scenes' })
    this.script = h('p', { class: 'words-first', dir: 'auto' })
    this.element = h('section', { 'aria-labelledby': 'scenes-title' }, h('h2', { id: 'scenes-title' }, 'Scenes'), this.script, this.grid)
  }

  draw(job, story) {
    const scenes = job.scenes ?? []
    // Until it has been divided into scenes, the script itself stands here.
    this.script.hidden = scenes.length > 0
    say(this.script, story.submitted?.data.script)
    this.grid.dataset.shape = job.options?.aspect_ratio ?? '16:9'
    reconcile(this.grid, scenes, (scene) => scene.scene, create, (card, scene) => {
      const of = (kind) => story.assets.get(scene[kind]?.id) ?? NONE
      update(card, scene, { image: of('image'), narration: of('narration'), clip: of('clip') })
    })
  }

  /** Let the seconds of whatever waits run down. */
  count() {
    for (const line of this.grid.querySelectorAll('[data-until]')) {
      const left = (Date.parse(line.dataset.until) - now()) / 1000
      say(line, left > 0 ? `attempt ${line.dataset.next} in ${Math.ceil(left)} s` : `attempt ${line.dataset.next} is due`)
    }
  }
}

function create(scene) {
  const parts = {
    frame: h('div', { class: 'frame' }),
    words: h('p', { class: 'words', dir: 'auto' }),
    voice: h('div', { class: 'voice' }),
    origin: h('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => showProvenance(`Scene ${scene.scene}`, card.assets) },
      'Where it comes from', h('span', { class: 'unseen' }, ` (scene ${scene.scene})`)),
    notes: h('ul', { class: 'notes' }),
  }
  const card = h('li', { class: 'scene', id: `scene-${scene.scene}` },
    parts.frame, h('div', { class: 'under' }, h('h3', {}, h('span', { class: 'unseen' }, 'Scene '), scene.scene), parts.words, h('div', { class: 'tools' }, parts.voice, parts.origin), parts.notes))
  card.parts = parts
  return card
}

function update(card, scene, assets) {
  const { words, voice, notes, origin } = card.parts
  card.assets = Object.values(assets).filter((asset) => asset.product).map((asset) => asset.id)
  origin.hidden = !card.assets.length
  say(words, scene.text)
  frame(card, scene, assets)
  const sound = assets.narration.status === 'generated' ? contentUrl(assets.narration) : null
  if (voice.dataset.source !== (sound ?? '')) {
    voice.dataset.source = sound ?? ''
    voice.replaceChildren(...(sound ? [listen(sound, scene.scene, fact(assets.narration.product, 'duration_s'))] : []))
  }
  reconcile(notes, Object.values(assets).flatMap(note), (line) => line.key, createNote, (item, line) => {
    const shown = JSON.stringify(line)
    if (item.dataset.shows === shown) return
    item.dataset.shows = shown
    item.dataset.look = line.look
    item.replaceChildren(...(line.sign ? [icon(line.sign)] : []), h('span', { dir: 'auto' }, line.text),
      ...(line.until ? [' ', h('b', { 'data-until': line.until, 'data-next': line.next })] : []))
  })
}

function frame(card, scene, { image, clip }) {
  const { frame: place } = card.parts
  card.classList.toggle('pictured', image.status === 'generated' || clip.status === 'generated')
  const wanted = clip.status === 'generated' ? `clip ${contentUrl(clip)}` : image.status === 'generated' ? `image ${contentUrl(image)}` : image.status
  if (place.dataset.shows === wanted) return
  place.dataset.shows = wanted
  const picture = image.product && (image.status === 'generated' || clip.status === 'generated') ? contentUrl({ id: image.id, revision: image.revision }) : null
  if (wanted.startsWith('clip')) {
    place.replaceChildren(...clipParts(contentUrl(clip), picture, scene))
  } else if (picture) {
    place.replaceChildren(h('img', { src: picture, alt: `Picture of scene ${scene.scene}: ${scene.text}`, decoding: 'async' }))
  } else {
    place.replaceChildren(h('p', { class: 'card-words', 'aria-hidden': 'true', dir: 'auto' }, scene.text))
  }
}

/** The clip behind its picture; it is fetched when somebody wants to see it move. */
function clipParts(source, poster, scene) {
  const video = h('video', { src: source, poster, preload: 'none', playsinline: true, loop: true, muted: true,
    'aria-label': `Clip of scene ${scene.scene}: ${scene.text}` })
  return [video, player(video, 'round', `Play the clip of scene ${scene.scene}`)]
}

/** A button that plays and pauses. */
function player(media, look, name, ...label) {
  const button = h('button', { type: 'button', class: look, 'aria-label': name, onclick: () => (media.paused ? media.play() : media.pause()) },
    icon('play'), label)
  const show = () => button.replaceChild(icon(media.paused ? 'play' : 'pause'), button.firstChild)
  for (const type of ['play', 'pause', 'ended']) media.addEventListener(type, show)
  return button
}

function listen(source, scene, seconds) {
  const audio = h('audio', { src: source, preload: 'none' })
  const label = h('span', {}, seconds == null ? 'Voice' : `Voice ${duration(seconds)}`)
  return h('div', {}, player(audio, 'quiet', `Hear the narration of scene ${scene}`, label), audio)
}

const createNote = () => h('li')

/** What is worth a line under the card, for one of its assets. */
function note(asset) {
  const key = asset.kind
  const what = asset.kind && asset.kind.charAt(0).toUpperCase() + asset.kind.slice(1)
  const attempts = asset.attempts?.length ?? 0
  if (asset.status === 'running') {
    const again = attempts > 1 ? `, attempt ${attempts}` : ''
    return [{ key, look: 'busy', text: `${DOING[asset.kind]}${again} …` }]
  }
  if (asset.status === 'waiting') {
    const why = asset.failure ? [asset.failure.http_status ?? asset.failure.code, asset.failure.model && `from ${asset.failure.model}`]
      .filter(Boolean).join(' ') : 'its worker died'
    return [{ key, look: 'wait', sign: 'wait', text: `${what}: ${why}${asset.retryAt ? ',' : ''}`, until: asset.retryAt, next: attempts + 1 }]
  }
  if (asset.status === 'failed') return [{ key, look: 'bad', sign: 'alert', text: `${what} failed: ${asset.failure?.message ?? ''}` }]
  if (asset.status === 'generated' && asset.kind === 'image') {
    const { latency_s, cost_usd, model } = asset.product.data
    const parts = [model ?? asset.model, latency_s != null && duration(latency_s), cost_usd !== 0 && money(cost_usd),
      attempts > 1 && `attempt ${attempts}`, asset.revision > 1 && `revision ${asset.revision}`, asset.reused && 'reused']
    return [{ key, look: 'done', text: parts.filter(Boolean).join(' · ') }]
  }
  return []
}

const DOING = { image: 'Drawing', narration: 'Speaking', clip: 'Setting in motion' }

