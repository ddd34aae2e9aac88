/** The record as a table. The newest rows are drawn first; two thousand events are a hundred rows until asked for. */

import { h, reconcile, say } from '../dom.js'
import { duration, plural } from '../format.js'

const ROWS = 100
const KINDS = [['', 'Everything'], ['job.', 'The job'], ['asset.generated', 'What was made'], ['fail', 'Failures'], ['attempt', 'Attempts']]

export class EventTable {
  #rows = ROWS
  #film = null

  constructor(goTo) {
    this.goTo = goTo
    this.body = h('tbody')
    this.count = h('span', { class: 'count' })
    this.filter = h('select', { 'aria-label': 'Which events', onchange: () => this.#pick() }, KINDS.map(([value, label]) => h('option', { value }, label)))
    this.more = h('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => this.#more() }, 'Show earlier events')
    this.element = h('section', { class: 'record' },
      h('div', { class: 'title-row' }, h('h2', { id: 'events-title' }, 'Events ', this.count), this.filter),
      h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': 'events-title' }, h('table', { class: 'events' },
        h('thead', {}, h('tr', {}, ['#', 'After', 'Event', 'What happened', ''].map((name, i) => h('th', { scope: 'col' }, name || h('span', { class: 'unseen' }, i ? 'JSON' : ''))))),
        this.body)),
      this.more)
  }

  draw(film) {
    this.#film = film
    const wanted = this.filter.value
    const { shown } = film
    const found = wanted ? shown.filter((event) => event.type.includes(wanted)) : shown
    const start = film.events[0] ? Date.parse(film.events[0].occurred_at) : 0
    say(this.count, plural(found.length, 'event'))
    this.more.hidden = found.length <= this.#rows
    reconcile(this.body, found.slice(-this.#rows).reverse(), (event) => event.position, (event) => this.#row(event, start),
      (row, event) => row.classList.toggle('now', event.position === film.at))
  }

  #pick() {
    this.#rows = ROWS
    this.draw(this.#film)
  }

  #more() {
    this.#rows += 1000
    this.draw(this.#film)
  }

  #row(event, start) {
    const after = (Date.parse(event.occurred_at) - start) / 1000
    const link = h('a', { href: `#/jobs/${event.job_id}?at=${event.position}`, 'aria-label': `Show the film as it was at event ${event.position}` }, event.position)
    const toggle = h('button', { type: 'button', class: 'quiet', 'aria-expanded': 'false', 'aria-label': `JSON of event ${event.position}` }, '{ }')
    const row = h('tr', { 'data-type': event.type, id: `event-${event.position}` },
      h('th', { scope: 'row' }, link), h('td', { class: 'after' }, `+${duration(after)}`), h('td', {}, h('code', {}, event.type)), h('td', { dir: 'auto', class: 'message' }, event.message), h('td', {}, toggle))
    toggle.addEventListener('click', () => {
      const open = toggle.getAttribute('aria-expanded') === 'true'
      toggle.setAttribute('aria-expanded', String(!open))
      const cell = row.cells[3]
      if (open) cell.lastChild.remove()
      else cell.append(h('pre', { dir: 'ltr' }, JSON.stringify(event, null, 2)))
    })
    return row
  }
}
