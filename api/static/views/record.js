/** The scrubber under the film: every event is a moment one can go to, by hand, by key or by playing. */

import { button, h, icon, reconcile, say } from '../dom.js'
import { duration } from '../format.js'

const SPEEDS = [1, 4, 16]
const LONGEST_WAIT = 2000

export class Record {
  #film = null
  #timer = null
  #speed = 4

  constructor(goTo) {
    this.goTo = goTo
    this.play = button(icon('play'), () => (this.#timer ? this.pause() : this.#start()), { class: 'round', 'aria-label': 'Play the record' })
    this.range = h('input', { type: 'range', min: 0, max: 0, step: 1, 'aria-label': 'Moment of the record', oninput: () => this.#drag() })
    this.marks = h('div', { class: 'marks', 'aria-hidden': 'true' })
    this.speed = h('select', { 'aria-label': 'Speed', onchange: () => (this.#speed = Number(this.speed.value)) },
      SPEEDS.map((times) => h('option', { value: times, selected: times === this.#speed }, `${times}×`)))
    this.label = h('p', { class: 'moment' })
    this.now = button('Back to now', () => this.#toNow(), { hidden: true })
    this.banner = h('p', { class: 'banner', hidden: true }, h('b', {}, 'This is the past.'))
    this.element = h('section', { class: 'scrubber', 'aria-label': 'Time travel', hidden: true },
      h('div', { class: 'page' }, this.play, this.speed, this.marks, this.range, h('div', { class: 'moment-row' }, this.banner, this.label, this.now)))
  }

  draw(film) {
    this.#film = film
    const { events, at } = film
    this.element.hidden = events.length < 2
    const last = events.length - 1
    const index = at == null ? last : Math.max(0, events.findLastIndex((event) => event.position <= at))
    this.range.max = last
    this.range.value = index
    this.#mark(events)
    this.banner.hidden = this.now.hidden = at == null
    const event = events[index]
    if (!event) return
    const after = (Date.parse(event.occurred_at) - Date.parse(events[0].occurred_at)) / 1000
    const words = `Event ${index + 1} of ${events.length} · +${duration(after)} · ${event.message}`
    say(this.label, at == null ? `Now · ${event.message}` : words)
    this.range.setAttribute('aria-valuetext', at == null ? `Now. ${words}` : words)
  }

  /** Where stages ended and where something failed. */
  #mark(events) {
    const marked = events.map((event, index) => ({ event, index })).filter(({ event }) => /stage_completed|failed|lost/.test(event.type))
    reconcile(this.marks, marked, ({ event }) => event.position, ({ event }) =>
      h('span', { 'data-look': event.type === 'job.stage_completed' ? 'done' : 'bad' }), (mark, { index }) => {
      mark.style.insetInlineStart = `${(index / (events.length - 1)) * 100}%`
    })
  }

  pause() {
    clearTimeout(this.#timer)
    this.#timer = null
    this.#sign()
  }

  #sign() {
    this.play.replaceChildren(icon(this.#timer ? 'pause' : 'play'))
    this.play.setAttribute('aria-label', this.#timer ? 'Pause' : 'Play the record')
  }

  #drag() {
    this.pause()
    this.#go(Number(this.range.value))
  }

  #go(index) {
    const { events } = this.#film
    // The last event of a film that goes on is now.
    this.goTo(index >= events.length - 1 ? null : events[index].position, { replace: true })
  }

  #toNow() {
    this.pause()
    this.goTo(null)
    this.range.focus()
  }

  #start() {
    const { events, at } = this.#film
    const from = at == null ? 0 : events.findLastIndex((event) => event.position <= at)
    this.#step(Math.max(0, from))
  }

  /** Show one event and wait for the next one's time, sped up; nobody should sit through a long silence. */
  #step(index) {
    const { events } = this.#film
    this.#go(index)
    const next = events[index + 1]
    if (!next) return this.pause()
    const gap = Date.parse(next.occurred_at) - Date.parse(events[index].occurred_at)
    this.#timer = setTimeout(() => this.#step(index + 1), Math.min(LONGEST_WAIT, Math.max(40, gap / this.#speed)))
    this.#sign()
  }
}
