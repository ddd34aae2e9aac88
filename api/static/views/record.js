/** The scrubber under the film: every event is a moment one can go to, by hand, by key or by playing. */

import { attribute, button, h, icon, reconcile, say, show } from '../dom.js'
import { between, duration } from '../format.js'

const LONGEST_WAIT = 2000

export class Record {
  #film = null
  #timer = null

  constructor(goTo) {
    this.goTo = goTo
    this.play = button('', () => (this.#timer ? this.pause() : this.#step(this.#film.at == null ? 0 : this.#index)), { class: 'round' })
    this.range = h('input', { type: 'range', min: 0, 'aria-label': 'Moment of the record', oninput: () => {
      this.pause()
      this.#go(Number(this.range.value))
    } })
    this.marks = h('div.marks', { 'aria-hidden': 'true' })
    this.speed = h('select', { 'aria-label': 'Speed' }, [1, 4, 16].map((times) => h('option', { value: times, selected: times === 4 }, `${times}×`)))
    this.label = h('p.moment')
    this.now = button('Back to now', () => {
      this.pause()
      this.goTo(null)
      this.range.focus()
    })
    this.banner = h('b', 'This is the past.')
    this.element = h('section.scrubber', { 'aria-label': 'Time travel', hidden: true },
      h('div.page', this.play, this.speed, this.marks, this.range, h('div.moment-row', this.banner, this.label, this.now)))
    this.pause()
  }

  draw(film) {
    this.#film = film
    const { events, at } = film
    const index = this.#index
    const event = events[index]
    this.element.hidden = events.length < 2
    this.range.max = events.length - 1
    this.range.value = index
    // Where stages ended and where something failed.
    const marked = [...events.entries()].filter(([, { type }]) => /stage_completed|failed|lost/.test(type))
    reconcile(this.marks, marked, ([, { position }]) => position, ([, { type }]) => h('span', { 'data-look': type === 'job.stage_completed' ? 'done' : 'bad' }),
      (mark, [place]) => (mark.style.insetInlineStart = `${(place / (events.length - 1)) * 100}%`))
    this.banner.hidden = this.now.hidden = at == null
    if (!event) return
    const words = `Event ${index + 1} of ${events.length} · +${duration(between(events[0].occurred_at, event.occurred_at))} · ${event.message}`
    say(this.label, at == null ? `Now · ${event.message}` : words)
    attribute(this.range, 'aria-valuetext', at == null ? `Now. ${words}` : words)
  }

  get #index() {
    const { events, at } = this.#film
    return at == null ? events.length - 1 : Math.max(0, events.findLastIndex((event) => event.position <= at))
  }

  pause() {
    clearTimeout(this.#timer)
    this.#timer = null
    this.#sign()
  }

  #sign() {
    const [sign, name] = this.#timer ? ['pause', 'Pause'] : ['play', 'Play the record']
    show(this.play, sign, () => [icon(sign)])
    attribute(this.play, 'aria-label', name)
  }

  #go(index) {
    const { events } = this.#film
    // The last event of a film that goes on is now.
    this.goTo(index >= events.length - 1 ? null : events[index].position, { replace: true })
  }

  /** Show one event and wait for the next one's time, sped up; nobody should sit through a long silence. */
  #step(index) {
    const { events } = this.#film
    this.#go(index)
    if (!events[index + 1]) return this.pause()
    const gap = between(events[index].occurred_at, events[index + 1].occurred_at) * 1000 / this.speed.value
    this.#timer = setTimeout(() => this.#step(index + 1), Math.min(LONGEST_WAIT, Math.max(40, gap)))
    this.#sign()
  }
}
