/** All attempts to scale: what ran beside what, what waited, what failed. */

import { now } from '../api.js'
import { h, reconcile } from '../dom.js'
import { assetName, duration, ended } from '../format.js'

export class Waterfall {
  constructor() {
    this.chart = h('ol', { class: 'bars' })
    this.axis = h('div', { class: 'axis', 'aria-hidden': 'true' })
    this.element = h('details', { class: 'waterfall', ontoggle: () => this.draw(this.film) }, h('summary', {}, 'Attempts to scale'), this.axis, this.chart)
  }

  draw(film) {
    this.film = film
    const { job, story } = film
    if (!this.element.open || !job) return
    const rows = [...story.assets.values()].filter((asset) => asset.attempts.length)
    reconcile(this.chart, rows, (asset) => asset.id, create, (row, asset) => {
      reconcile(row.parts, asset.attempts, (attempt) => attempt.event.position, () => h('span', { class: 'bar' }), (bar, attempt) => {
        bar.dataset.status = attempt.status
        bar.attempt = attempt
      })
    })
    this.count(film)
  }

  /** Place the bars; those of open attempts grow with the clock. */
  count(film) {
    const { job } = film
    if (!this.element.open || !job || !film.events.length) return
    const begin = Date.parse(film.events[0].occurred_at)
    const running = !ended(job.status) && film.at == null
    // The last event may be later than this machine's clock says it is.
    const end = Math.max(begin + 1000, Date.parse(film.shown.at(-1).occurred_at), running ? now() : 0)
    const span = end - begin
    for (const bar of this.chart.querySelectorAll('.bar')) {
      const from = Date.parse(bar.attempt.startedAt) - begin
      const to = (bar.attempt.endedAt ? Date.parse(bar.attempt.endedAt) : end) - begin
      bar.style.insetInlineStart = `${(from / span) * 100}%`
      bar.style.inlineSize = `${Math.max(0.3, ((to - from) / span) * 100)}%`
      const words = `attempt ${bar.attempt.number} ${bar.attempt.status}, ${duration((to - from) / 1000)}`
      if (bar.title !== words) bar.title = words
    }
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => `${duration((span * share) / 1000)}`)
    if (this.axis.dataset.ticks !== String(ticks)) {
      this.axis.dataset.ticks = String(ticks)
      this.axis.replaceChildren(...ticks.map((tick) => h('span', {}, tick)))
    }
  }
}

function create(asset) {
  const parts = h('span', { class: 'lane' })
  const row = h('li', {}, h('span', { class: 'name' }, assetName(asset)), parts)
  row.parts = parts
  return row
}
