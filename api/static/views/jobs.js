/** All films, newest first, as they change. */

import { api } from '../api.js'
import { attribute, h, icon, reconcile, say } from '../dom.js'
import { ended, money, percent, roughly, stageDoing, statusName, time } from '../format.js'
import { connect, onEvent } from '../live.js'

const FILTERS = [['', 'All'], ['running', 'In the making'], ['completed', 'Finished'], ['failed', 'Failed'], ['cancelled', 'Cancelled']]

export class JobsView {
  #jobs = new Map()
  #stale = new Set()
  #next = null
  #position = 0
  #stops = []
  #timer = null

  constructor() {
    this.list = h('ul', { class: 'films' })
    this.empty = h('p', { class: 'empty', hidden: true }, 'No films yet. ', h('a', { href: '#/' }, 'Make the first one.'))
    this.more = h('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => this.#load() }, 'Show more')
    this.filter = h('div', { class: 'filters', role: 'group', 'aria-label': 'Show' }, FILTERS.map(([status, label], index) =>
      h('button', { type: 'button', class: 'quiet', 'aria-pressed': String(index === 0), 'data-status': status,
        onclick: () => this.#pick(status) }, label)))
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true })
    this.element = h('div', { class: 'page' },
      h('div', { class: 'title-row' }, h('h1', { tabindex: -1 }, 'Films'), this.filter),
      this.problem, this.list, this.empty, this.more)
    this.status = ''
  }

  async enter() {
    document.title = 'Films · Reelog'
    await this.#load()
    connect(this.#position)
    this.#stops.push(onEvent((event) => this.#hear(event)))
  }

  leave() {
    for (const stop of this.#stops) stop()
    clearTimeout(this.#timer)
  }

  async #pick(status) {
    this.status = status
    for (const button of this.filter.children) button.setAttribute('aria-pressed', String(button.dataset.status === status))
    this.#jobs.clear()
    this.#next = null
    await this.#load()
  }

  async #load() {
    try {
      const page = await api.jobs({ status: this.status || undefined, after: this.#next ?? undefined })
      for (const job of page.data) this.#jobs.set(job.id, job)
      this.#next = page.next
      this.#position = page.position
      this.more.hidden = !page.has_more
      this.problem.hidden = true
    } catch (problem) {
      say(this.problem, problem.message)
      this.problem.hidden = false
    }
    this.#draw()
  }

  /** Progress is in the event; everything else of a job that changed is fetched, at most twice a second. */
  #hear(event) {
    const job = this.#jobs.get(event.job_id)
    if (job && event.position > job.position) Object.assign(job, { progress: event.progress ?? job.progress, eta_s: event.eta_s })
    if (event.type.startsWith('job.') || event.asset?.kind === 'analysis' || event.asset?.kind === 'image') this.#stale.add(event.job_id)
    this.#timer ??= setTimeout(() => this.#renew(), 500)
  }

  async #renew() {
    const ids = [...this.#stale]
    this.#stale.clear()
    for (const id of ids) {
      try {
        const job = await api.job(id)
        if (!this.status || job.status === this.status) this.#jobs.set(id, job)
        else this.#jobs.delete(id)
      } catch {
        this.#stale.add(id)
      }
    }
    this.#timer = null
    this.#draw()
  }

  #draw() {
    const jobs = [...this.#jobs.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
    this.empty.hidden = jobs.length > 0
    reconcile(this.list, jobs, (job) => job.id, create, update)
  }
}

function create(job) {
  const parts = {
    picture: h('span', { class: 'still' }),
    title: h('span', { class: 'name', dir: 'auto' }),
    state: h('span', { class: 'state' }),
    facts: h('span', { class: 'facts' }),
    bar: h('progress', { max: 1, 'aria-label': 'Progress' }),
  }
  const element = h('li', {}, h('a', { href: `#/jobs/${job.id}`, class: 'film' },
    parts.picture, h('span', { class: 'about' }, parts.title, parts.state, parts.bar, parts.facts)))
  element.parts = parts
  return element
}

function update(element, job) {
  const { picture, title, state, facts, bar } = element.parts
  const image = job.scenes?.find((scene) => scene.image?.status === 'generated')?.image
  if (image && picture.dataset.id !== image.id) {
    picture.dataset.id = image.id
    picture.replaceChildren(h('img', { src: `/v1/assets/${image.id}/content`, alt: '', loading: 'lazy' }))
  }
  const going = job.status === 'running'
  say(title, job.title ?? job.metadata?.title ?? job.scenes?.[0]?.text ?? 'A film without a name yet')
  state.dataset.status = job.status
  const words = going ? `${stageDoing(job.stage)} · ${percent(job.progress)}` : statusName(job.status)
  if (state.dataset.words !== words) {
    state.dataset.words = words
    const sign = { completed: 'check', failed: 'alert', cancelled: 'cross', queued: 'wait' }[job.status]
    state.replaceChildren(...(sign ? [icon(sign), words] : [words]))
  }
  bar.hidden = ended(job.status)
  attribute(bar, 'value', job.progress ?? 0)
  const left = going && roughly(job.eta_s)
  say(facts, [time(job.created_at), money(job.cost?.usd), left && `${left} left`, job.provider === 'emulator' && 'emulator']
    .filter(Boolean).join(' · '))
}
