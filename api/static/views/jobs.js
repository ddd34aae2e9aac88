/** All films, newest first, as they change; and what the day has cost. */

import { api, contentUrl } from '../api.js'
import { attribute, button, complain, complaint, h, icon, reconcile, say, show, SIGNS } from '../dom.js'
import { dots, ended, isToday, money, percent, plural, roughly, stageDoing, statusName, time } from '../format.js'
import { connect, onEvent } from '../live.js'

const FILTERS = [['', 'All'], ['running', 'In the making'], ['completed', 'Finished'], ['failed', 'Failed'], ['cancelled', 'Cancelled']]

export class JobsView {
  #jobs = new Map()
  #today = new Map()
  #stale = new Set()
  #next = null
  #position = 0
  #stop = null
  #timer = null
  #status = ''

  constructor() {
    this.list = h('ul.films')
    this.empty = h('p.empty', { hidden: true }, 'No films yet. ', h('a', { href: '#/' }, 'Make the first one.'))
    this.more = button('Show more', () => this.#load(), { hidden: true })
    this.filter = h('div', { role: 'group', 'aria-label': 'Show' }, FILTERS.map(([status, label]) =>
      button(label, () => this.#pick(status), { 'aria-pressed': String(!status), 'data-status': status })))
    this.day = h('p.count')
    this.problem = complaint()
    this.element = h('div.page', h('div.title-row', h('h1', { tabindex: -1 }, 'Films'), this.filter),
      this.day, this.problem, this.list, this.empty, this.more)
  }

  async enter() {
    document.title = 'Films · Reelog'
    await this.#load()
    connect(this.#position)
    this.#stop = onEvent((event) => this.#hear(event))
    this.#dare(() => this.#reckon())
  }

  leave() {
    this.#stop?.()
    clearTimeout(this.#timer)
  }

  #pick(status) {
    this.#status = status
    for (const choice of this.filter.children) choice.setAttribute('aria-pressed', String(choice.dataset.status === status))
    this.#jobs.clear()
    this.#next = null
    return this.#load()
  }

  async #dare(act) {
    try {
      await act()
      complain(this.problem, null)
    } catch (problem) {
      complain(this.problem, problem)
    }
  }

  async #load() {
    await this.#dare(async () => {
      const page = await api.jobs({ limit: 50, ...(this.#status && { status: this.#status }), ...(this.#next != null && { after: this.#next }) })
      for (const job of page.data) this.#jobs.set(job.id, job)
      this.#next = page.next
      this.#position = page.position
      this.more.hidden = !page.has_more
    })
    this.#draw()
  }

  /** Read back to midnight, for what the films begun since then have cost. */
  async #reckon() {
    for await (const jobs of api.everyJob()) {
      for (const job of jobs) this.#count(job)
      if (!isToday(jobs.at(-1)?.created_at)) break
    }
    this.#draw()
  }

  #count(job) {
    if (isToday(job.created_at)) this.#today.set(job.id, job.cost)
  }

  /** Progress is in the event; everything else of a job that changed is fetched, at most twice a second. */
  #hear(event) {
    const job = this.#jobs.get(event.job_id)
    if (job && event.position > job.position) Object.assign(job, { progress: event.progress ?? job.progress, eta_s: event.eta_s })
    if (/^job\.|generated$/.test(event.type)) this.#stale.add(event.job_id)
    this.#timer ??= setTimeout(() => this.#renew(), 500)
  }

  async #renew() {
    const ids = [...this.#stale]
    this.#stale.clear()
    for (const id of ids) await api.job(id).then((job) => this.#take(job), () => this.#stale.add(id))
    this.#timer = null
    this.#draw()
  }

  #take(job) {
    this.#count(job)
    if (!this.#status || job.status === this.#status) this.#jobs.set(job.id, job)
    else this.#jobs.delete(job.id)
  }

  #draw() {
    const jobs = [...this.#jobs.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
    this.empty.hidden = jobs.length > 0
    const sum = (name) => [...this.#today.values()].reduce((so_far, cost) => so_far + cost[name], 0)
    say(this.day, `${plural(this.#today.size, 'film')} begun today, ${money(sum('usd'))}${sum('unpriced') ? ` + ${sum('unpriced')} unpriced` : ''}`)
    this.day.hidden = !this.#today.size
    reconcile(this.list, jobs, (job) => job.id, (job) => this.#create(job), update)
  }

  #create({ id }) {
    const parts = {
      picture: h('span.still'), title: h('span.name', { dir: 'auto' }), state: h('span.state'),
      facts: h('span.facts'), bar: h('progress', { max: 1, 'aria-label': 'Progress' }), of: h('span.unseen'),
    }
    parts.cancel = button(['Cancel', parts.of], () => this.#dare(async () => {
      this.#take(await api.cancel(id))
      this.#draw()
    }))
    const element = h('li', h('a', { href: `#/jobs/${id}`, class: 'film' },
      parts.picture, h('span.about', parts.title, parts.state, parts.bar, parts.facts)), parts.cancel)
    element.parts = parts
    return element
  }
}

function update(element, job) {
  const { picture, title, state, facts, bar, cancel, of } = element.parts
  const { status } = job
  const image = job.scenes.find((scene) => scene.image?.status === 'generated')?.image
  show(picture, image ? contentUrl(image) : '', () => (image ? [h('img', { src: contentUrl(image), alt: '', loading: 'lazy' })] : []))
  say(title, job.title ?? job.scenes[0]?.text ?? 'A film without a name yet')
  attribute(state, 'data-status', status)
  const going = status === 'running' && !job.cancel_requested
  const words = going ? `${stageDoing(job.stage)} · ${percent(job.progress)}` : job.cancel_requested && !ended(status) ? 'Cancelling' : statusName(status)
  show(state, words, () => [SIGNS[status] && icon(SIGNS[status]), words])
  bar.hidden = ended(status)
  cancel.hidden = bar.hidden || job.cancel_requested
  say(of, ` ${title.textContent}`)
  attribute(bar, 'value', job.progress ?? 0)
  const left = going && roughly(job.eta_s)
  say(facts, dots(time(job.created_at), money(job.cost.usd), left && `${left} left`, job.provider === 'emulator' && 'emulator'))
}
