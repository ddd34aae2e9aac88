/** The scenes: each card goes from words to picture to voice to clip, and says what it waits for. */

import { contentUrl, now } from '../api.js'
import { attribute, button, h, icon, part, reconcile, say, show } from '../dom.js'
import { assetOf, fact } from '../fold.js'
import { duration, ended, money, sentence } from '../format.js'
import { againPlan } from './plans.js'
import { showProvenance } from './provenance.js'

const NONE = { status: 'pending' }
const DOING = { image: 'Drawing', narration: 'Speaking', clip: 'Setting in motion' }

export class Scenes {
  constructor(view) {
    this.view = view
    this.grid = h('ol', { class: 'scenes' })
    this.script = h('p', { class: 'words-first', dir: 'auto' })
    this.element = part('scenes-title', 'Scenes', this.script, this.grid)
  }

  draw(job, story, past) {
    const { scenes } = job
    // Until it has been divided into scenes, the script itself stands here.
    this.script.hidden = scenes.length > 0
    say(this.script, story.submitted?.data.script)
    this.grid.dataset.shape = job.options.aspect_ratio
    reconcile(this.grid, scenes, (scene) => scene.scene, (scene) => this.#create(scene), (card, scene) => {
      const of = (kind) => story.assets.get(scene[kind]?.id) ?? NONE
      const assets = { image: of('image'), narration: of('narration'), clip: of('clip') }
      card.again.hidden = past || !ended(job.status) || !assets.image.product
      card.plan = () => againPlan(scene, { ...assets, storyboard: assetOf(story, 'storyboard') }, (next) => this.view.take(next))
      update(card, scene, assets)
    })
  }

  #create({ scene }) {
    const unseen = h('span', { class: 'unseen' }, ` (scene ${scene})`)
    const parts = {
      frame: h('div', { class: 'frame' }), words: h('p', { class: 'words', dir: 'auto' }), voice: h('div', { class: 'voice' }),
      origin: button(['Where it comes from', unseen], () => this.view.dare(showProvenance(`Scene ${scene}`, card.assets)), { hidden: true }),
      again: button(['Make again', unseen.cloneNode(true)], () => this.view.dare(card.plan()), { hidden: true }),
      notes: h('ul', { class: 'notes' }),
    }
    const card = Object.assign(h('li', { class: 'scene', id: `scene-${scene}` },
      parts.frame, h('div', { class: 'under' }, h('h3', {}, h('span', { class: 'unseen' }, 'Scene '), scene), parts.words,
        h('div', { class: 'tools' }, parts.voice, parts.origin, parts.again), parts.notes)), { parts, again: parts.again })
    return card
  }

  /** Let the seconds of whatever waits run down. */
  count() {
    for (const line of this.grid.querySelectorAll('[data-until]')) {
      const left = (Date.parse(line.dataset.until) - now()) / 1000
      say(line, left > 0 ? `attempt ${line.dataset.next} in ${Math.ceil(left)} s` : `attempt ${line.dataset.next} is due`)
    }
  }
}

function update(card, scene, assets) {
  const { words, voice, notes, origin } = card.parts
  card.assets = Object.values(assets).filter((asset) => asset.product).map((asset) => asset.id)
  origin.hidden = !card.assets.length
  say(words, scene.text)
  frame(card, scene, assets)
  const sound = assets.narration.status === 'generated' ? contentUrl(assets.narration) : ''
  show(voice, sound, () => (sound ? listen(sound, scene.scene, fact(assets.narration.product, 'duration_s')) : []))
  reconcile(notes, Object.values(assets).map(note).filter(Boolean), (line) => line.key, () => h('li'), (item, line) => {
    item.dataset.look = line.look
    show(item, JSON.stringify(line), () => [line.sign && icon(line.sign), h('span', { dir: 'auto' }, line.text),
      line.until && h('b', { 'data-until': line.until, 'data-next': line.next })])
  })
}

function frame(card, { scene, text }, { image, clip }) {
  const made = (asset) => (asset.status === 'generated' ? contentUrl(asset) : null)
  const [picture, film] = [made(image), made(clip)]
  card.classList.toggle('pictured', Boolean(picture ?? film))
  show(card.parts.frame, film ?? picture ?? image.status, () => {
    if (film) return clipParts(film, picture, scene, text)
    if (picture) return [h('img', { src: picture, alt: `Picture of scene ${scene}: ${text}`, decoding: 'async' })]
    return [h('p', { class: 'card-words', 'aria-hidden': 'true', dir: 'auto' }, text)]
  })
  attribute(card.parts.frame, 'data-status', image.status)
}

/** The clip behind its picture; it is fetched when somebody wants to see it move. */
function clipParts(src, poster, scene, text) {
  const video = h('video', { src, poster, preload: 'none', playsinline: true, loop: true, muted: true, 'aria-label': `Clip of scene ${scene}: ${text}` })
  return [video, player(video, 'round', `Play the clip of scene ${scene}`)]
}

/** A button that plays and pauses. */
function player(media, look, name, label) {
  const toggle = button([icon('play'), label ?? []].flat(), () => (media.paused ? media.play() : media.pause()), { class: look, 'aria-label': name })
  for (const type of ['play', 'pause', 'ended']) media.addEventListener(type, () => toggle.firstChild.replaceWith(icon(media.paused ? 'play' : 'pause')))
  return toggle
}

function listen(src, scene, seconds) {
  const audio = h('audio', { src, preload: 'none' })
  return [player(audio, 'quiet', `Hear the narration of scene ${scene}`, seconds == null ? 'Voice' : `Voice ${duration(seconds)}`), audio]
}

/** What is worth a line under the card, for one of its assets. */
function note({ kind: key, status, attempts = [], failure, retryAt, product, model, revision, reused }) {
  const count = attempts.length
  switch (status) {
    case 'running':
      return { key, look: 'busy', text: `${DOING[key]}${count > 1 ? `, attempt ${count}` : ''} …` }
    case 'waiting': {
      const why = failure ? [failure.http_status ?? failure.code, failure.model && `from ${failure.model}`].filter(Boolean).join(' ') : 'its worker died'
      return { key, look: 'wait', sign: 'wait', text: `${sentence(key)}: ${why}${retryAt ? ', ' : ''}`, until: retryAt, next: count + 1 }
    }
    case 'failed':
      return { key, look: 'bad', sign: 'alert', text: `${sentence(key)} failed: ${failure?.message ?? ''}` }
    case 'generated': {
      if (key !== 'image') return null
      const { latency_s: took, cost_usd: cost } = product.data
      return { key, look: 'done', text: [model, took != null && duration(took), cost !== undefined && cost !== 0 && money(cost),
        count > 1 && `attempt ${count}`, revision > 1 && `revision ${revision}`, reused && 'reused'].filter(Boolean).join(' · ') }
    }
  }
}
