/** All attempts to scale: what ran beside what, what waited, what failed. */

import { now } from '../api.js'
import { attribute, h, reconcile, show } from '../dom.js'
import { assetName, duration, ended } from '../format.js'

export class Waterfall {
  constructor() {
    this.chart = h('ol.bars')
    this.axis = h('div.axis', { 'aria-hidden': 'true' })
    this.element = h('details', { ontoggle: () => this.draw(this.film) }, h('summary', 'Attempts to scale'), this.axis, this.chart)
  }

  draw(film) {
    this.film = film
    if (!this.element.open) return
    const rows = [...film.story.assets.values()].filter((asset) => asset.attempts.length)
    reconcile(this.chart, rows, (asset) => asset.id, (asset) => h('li', h('span', assetName(asset)), h('span.lane')), (row, asset) =>
      reconcile(row.lastChild, asset.attempts, (attempt) => attempt.event.position, () => h('span.bar'), (bar, attempt) => (bar.attempt = attempt)))
    this.count(film)
  }

  /** Place the bars; those of open attempts grow with the clock. */
  count({ job, events, shown, at }) {
    if (!this.element.open || !shown.length) return
    const begin = Date.parse(events[0].occurred_at)
    // The last event may be later than this machine's clock says it is.
    const end = Math.max(begin + 1000, Date.parse(shown.at(-1).occurred_at), ended(job.status) || at != null ? 0 : now())
    const share = (ms) => `${(ms / (end - begin)) * 100}%`
    for (const bar of this.chart.querySelectorAll('.bar')) {
      const { startedAt, endedAt, number, status } = bar.attempt
      const from = Date.parse(startedAt)
      const took = (endedAt ? Date.parse(endedAt) : end) - from
      Object.assign(bar.style, { insetInlineStart: share(from - begin), inlineSize: `max(3px, ${share(took)})` })
      attribute(bar, 'data-status', status)
      attribute(bar, 'title', `attempt ${number} ${status}, ${duration(took / 1000)}`)
    }
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => duration((end - begin) * part / 1000))
    show(this.axis, ticks, () => ticks.map((tick) => h('span', tick)))
  }
}
