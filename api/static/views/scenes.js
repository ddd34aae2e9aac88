/** The scenes: each card goes from words to picture to voice to clip, and says what it waits for. */

import { contentUrl, now } from '../api.js'
import { attribute, button, h, icon, part, reconcile, say, show } from '../dom.js'
import { assetOf, fact } from '../fold.js'
import { dots, duration, ended, money, sentence } from '../format.js'
import { againPlan } from './plans.js'
import { showProvenance } from './provenance.js'

const KINDS = ['image', 'narration', 'clip']
const DOING = { image: 'Drawing', narration: 'Speaking', clip: 'Setting in motion' }

export class Scenes {
  constructor(view) {
    this.view = view
    this.grid = h('ol.scenes')
    this.script = h('p.words-first', { dir: 'auto' })
    this.element = part('scenes-title', 'Scenes', this.script, this.grid)
  }

  draw({ scenes, options, status }, story, past) {
    // Until it has been divided into scenes, the script itself stands here.
    this.script.hidden = scenes.length > 0
    say(this.script, story.submitted?.data.script)
    this.grid.dataset.shape = options.aspect_ratio
    reconcile(this.grid, scenes, ({ scene }) => scene, ({ scene }) => this.#create(scene), (card, scene) => {
      card.scene = scene
      card.assets = Object.fromEntries([...KINDS.map((kind) => [kind, assetOf(story, kind, scene.scene) ?? {}]), ['storyboard', assetOf(story, 'storyboard')]])
      card.again.hidden = past || !ended(status) || !card.assets.image.product
      update(card, scene, KINDS.map((kind) => card.assets[kind]))
    })
  }

  #create(number) {
    const card = h('li.scene', { id: `scene-${number}` })
    const tool = (label, act) => button([label, h('span.unseen', ` (scene ${number})`)], () => this.view.dare(act()), { hidden: true })
    const made = () => KINDS.map((kind) => card.assets[kind]).filter((asset) => asset.product)
    Object.assign(card, {
      frame: h('div.frame'), words: h('p.words', { dir: 'auto' }), voice: h('div.voice'), notes: h('ul.notes'),
      origin: tool('Where it comes from', () => showProvenance(`Scene ${number}`, made().map((asset) => asset.id))),
      again: tool('Make again', () => againPlan(card.scene, card.assets, (job) => this.view.take(job))),
    })
    card.append(card.frame, h('div.under', h('h3', h('span.unseen', 'Scene '), number), card.words, h('div.tools', card.voice, card.origin, card.again), card.notes))
    return card
  }

  /** Let the seconds of whatever waits run down. */
  count() {
    for (const line of this.grid.querySelectorAll('[data-until]')) {
      const left = (Date.parse(line.dataset.until) - now()) / 1000
      say(line, `attempt ${line.dataset.next} ${left > 0 ? `in ${Math.ceil(left)} s` : 'is due'}`)
    }
  }
}

function update({ frame, words, voice, notes, origin, classList }, { scene, text }, [image, narration, clip]) {
  const made = (asset) => (asset.status === 'generated' ? contentUrl(asset) : null)
  const [picture, sound, film] = [image, narration, clip].map(made)
  origin.hidden = !(image.product || narration.product)
  say(words, text)
  classList.toggle('pictured', Boolean(film ?? picture))
  attribute(frame, 'data-status', image.status)
  show(frame, film ?? picture ?? '', () => {
    if (!film) return picture ? [h('img', { src: picture, alt: `Picture of scene ${scene}: ${text}`, decoding: 'async' })] : [h('p.card-words', { 'aria-hidden': 'true', dir: 'auto' }, text)]
    const video = h('video', { src: film, poster: picture, preload: 'none', playsinline: true, loop: true, muted: true, 'aria-label': `Clip of scene ${scene}: ${text}` })
    return [video, player(video, `Play the clip of scene ${scene}`, { class: 'round' })]
  })
  show(voice, sound ?? '', () => {
    if (!sound) return []
    const audio = h('audio', { src: sound, preload: 'none' })
    return [player(audio, `Hear the narration of scene ${scene}`, {}, `Voice ${duration(fact(narration.product, 'duration_s'))}`), audio]
  })
  reconcile(notes, [image, narration, clip].map(note).filter(Boolean), (line) => line.key, () => h('li'), (item, line) => {
    item.dataset.look = line.look
    show(item, JSON.stringify(line), () => [line.sign && icon(line.sign), h('span', { dir: 'auto' }, line.text, ' ', line.until && h('b', { 'data-until': line.until, 'data-next': line.next }))])
  })
}

/** A button that plays and pauses. */
function player(media, name, props, label) {
  const toggle = button([icon('play'), label], () => (media.paused ? media.play() : media.pause()), { 'aria-label': name, ...props })
  for (const type of ['play', 'pause', 'ended']) media.addEventListener(type, () => toggle.firstChild.replaceWith(icon(media.paused ? 'play' : 'pause')))
  return toggle
}

/** What is worth a line under the card, for one of its assets. */
function note({ kind: key, status, attempts = [], failure, retryAt: until, product, model, revision, reused }) {
  const count = attempts.length
  if (status === 'running') return { key, look: 'busy', text: `${DOING[key]}${count > 1 ? `, attempt ${count}` : ''} …` }
  if (status === 'waiting') {
    const why = failure ? `${failure.http_status ?? failure.code}${failure.model ? ` from ${failure.model}` : ''}` : 'its worker died'
    return { key, look: 'wait', sign: 'wait', text: `${sentence(key)}: ${why}${until ? ',' : ''}`, until, next: count + 1 }
  }
  if (status === 'failed') return { key, look: 'bad', sign: 'alert', text: `${sentence(key)} failed: ${failure?.message ?? ''}` }
  if (status !== 'generated' || key !== 'image') return null
  const { latency_s: took, cost_usd: cost } = product.data
  return { key, look: 'done', text: dots(model, took && duration(took), cost !== undefined && cost !== 0 && money(cost),
    count > 1 && `attempt ${count}`, revision > 1 && `revision ${revision}`, reused && 'reused') }
}
