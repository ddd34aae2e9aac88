/** The record as a table. The newest rows are drawn first; two thousand events are a hundred rows until asked for. */

import { button, h, reconcile, say, table } from '../dom.js'
import { between, duration, plural } from '../format.js'

const ROWS = 100
const KINDS = [['', 'Everything'], ['job.', 'The job'], ['asset.generated', 'What was made'], ['fail', 'Failures'], ['attempt', 'Attempts']]

export class EventTable {
  #rows = ROWS
  #film = null
  #cause = null

  constructor() {
    this.body = h('tbody')
    this.count = h('span.count')
    this.filter = h('select', { 'aria-label': 'Which events', onchange: () => this.#redraw(ROWS) }, KINDS.map(([value, label]) => h('option', { value }, label)))
    this.more = button('Show earlier events', () => this.#redraw(this.#rows + 1000), { hidden: true })
    this.element = h('section', { class: 'record' },
      h('div.title-row', h('h2', { id: 'events-title' }, 'Events ', this.count), this.filter),
      table({ 'aria-labelledby': 'events-title', class: 'scroll events' }, ['#', 'After', 'Event', 'What happened', h('span.unseen', 'JSON')], this.body),
      this.more)
  }

  draw(film) {
    this.#film = film
    const wanted = this.filter.value
    const found = wanted ? film.shown.filter((event) => event.type.includes(wanted)) : film.shown
    const start = film.events[0]?.occurred_at
    say(this.count, plural(found.length, 'event'))
    this.more.hidden = found.length <= this.#rows
    reconcile(this.body, found.slice(-this.#rows).reverse(), (event) => event.position, (event) => this.#row(event, start),
      (row, event) => {
        row.classList.toggle('now', event.position === film.at)
        row.classList.toggle('cause', event.position === this.#cause)
      })
  }

  #redraw(rows) {
    this.#rows = rows
    this.draw(this.#film)
  }

  /** Show what caused an event, whatever is filtered away or not drawn yet. */
  #reveal(position) {
    this.#cause = position
    this.filter.value = ''
    const { shown } = this.#film
    this.#redraw(Math.max(this.#rows, shown.length - shown.findIndex((event) => event.position === position)))
    const row = this.body.kept.get(position)
    row.scrollIntoView({ block: 'center' })
    row.querySelector('a').focus({ preventScroll: true })
  }

  #row(event, start) {
    const { position, causation } = event
    const toggle = button('{ }', () => {
      const open = toggle.getAttribute('aria-expanded') === 'true'
      toggle.setAttribute('aria-expanded', String(!open))
      if (open) what.lastChild.remove()
      else what.append(h('pre', { dir: 'ltr' }, JSON.stringify(event, null, 2)))
    }, { 'aria-expanded': 'false', 'aria-label': `JSON of event ${position}` })
    const what = h('td', { dir: 'auto', class: 'message' }, event.message,
      causation != null && button(`← ${causation}`, () => this.#reveal(causation), { 'aria-label': `Caused by event ${causation}`, title: `Caused by event ${causation}` }))
    return h('tr', { 'data-type': event.type, id: `event-${position}` },
      h('th', { scope: 'row' }, h('a', { href: `#/jobs/${event.job_id}?at=${position}`, 'aria-label': `Show the film as it was at event ${position}` }, position)),
      h('td.after', `+${duration(between(start, event.occurred_at))}`), h('td', h('code', event.type)), what, h('td', toggle))
  }
}
