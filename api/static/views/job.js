/** One film: from its words to the finished picture, now or at any moment of its past. */

import { api, now } from '../api.js'
import { announce, attribute, h, icon, say } from '../dom.js'
import { Film } from '../film.js'
import { duration, ended, integer, money, percent, roughly, stageDoing, stageName, statusName } from '../format.js'
import { EventTable } from './events.js'
import { FailurePanel } from './failure.js'
import { Player } from './player.js'
import { Record } from './record.js'
import { Scenes } from './scenes.js'
import { Stages } from './stages.js'
import { Waterfall } from './waterfall.js'

export class JobView {
  #said = null
  #tick = null

  constructor(id) {
    this.film = new Film(id)
    this.title = h('h1', { tabindex: -1, dir: 'auto' }, 'Film')
    this.state = h('p', { class: 'state' })
    this.bar = h('progress', { max: 1, value: 0, 'aria-label': 'Progress of the film' })
    this.figures = h('dl', { class: 'figures' })
    this.actions = h('div', { class: 'actions' })
    this.problem = h('p', { class: 'problem', role: 'alert', hidden: true })
    this.script = h('p', { dir: 'auto' })
    this.words = h('details', { class: 'script' }, h('summary', {}, 'Script'), this.script)
    this.failure = new FailurePanel(this)
    this.player = new Player()
    this.stages = new Stages()
    this.scenes = new Scenes()
    this.waterfall = new Waterfall()
    this.table = new EventTable((position) => this.goTo(position))
    this.record = new Record((position) => this.goTo(position))
    this.element = h('article', { class: 'job' },
      h('header', { class: 'page' }, this.title, this.state, this.bar, this.figures, this.actions, this.problem),
      this.record.element,
      h('div', { class: 'page' }, this.failure.element, this.player.element),
      h('div', { class: 'page making' }, this.stages.element, this.scenes.element),
      h('div', { class: 'page' }, this.words, this.waterfall.element, this.table.element))
    this.film.addEventListener('change', () => this.#draw())
  }

  async enter(to) {
    // From the first drawing on, it is the moment that was asked for.
    this.film.at = to.at
    try {
      await this.film.follow()
      this.element.classList.add('there')
      await this.film.show(to.at)
    } catch (problem) {
      this.element.classList.add('there')
      this.element.replaceChildren(h('div', { class: 'page' },
        h('h1', { tabindex: -1 }, problem.status === 404 ? 'There is no such film' : 'This film cannot be shown'),
        h('p', {}, problem.message), h('p', {}, h('a', { href: '#/jobs' }, 'All films'))))
      return
    }
    this.#tick = setInterval(() => this.#count(), 500)
  }

  /** The address changed: another moment of the same film. */
  move(to) {
    this.#complain(null)
    this.film.show(to.at).catch((problem) => this.#complain(problem))
  }

  leave() {
    clearInterval(this.#tick)
    this.record.pause()
    this.film.leave()
    document.body.classList.remove('past')
    document.title = 'Reelog'
  }

  /** Go to a position of the past, or to now (null). Every moment has an address; only steps count as visits. */
  goTo(position, { replace = false } = {}) {
    const hash = `#/jobs/${encodeURIComponent(this.film.id)}${position == null ? '' : `?at=${position}`}`
    if (!replace) location.hash = hash
    else if (location.hash !== hash) {
      history.replaceState(null, '', hash)
      this.move({ at: position })
    }
  }

  async command(verb) {
    this.#complain(null)
    try {
      this.film.take(await api[verb](this.film.id))
      if (this.film.at != null) this.goTo(null)
    } catch (problem) {
      this.#complain(problem)
    }
  }

  #complain(problem) {
    this.problem.hidden = !problem
    say(this.problem, problem?.message)
  }

  #draw() {
    const { film } = this
    const { job, story } = film
    document.body.classList.toggle('past', film.at != null)
    this.record.draw(film)
    this.table.draw(film)
    if (!job) return
    const title = job.title ?? story.title
    say(this.title, title ?? 'A film without a name yet')
    this.title.classList.toggle('unnamed', !title)
    document.title = `${ended(job.status) ? statusName(job.status) : percent(job.progress)} · ${title ?? 'Film'} · Reelog`
    this.#drawState(job, film.at != null)
    attribute(this.bar, 'value', job.progress ?? 0)
    this.bar.hidden = job.status === 'completed'
    const script = story.submitted?.data.script
    say(this.script, script)
    this.words.hidden = !script || !job.scenes?.length
    this.failure.draw(job, story, film.at != null)
    this.player.draw(job, story, film.at != null)
    this.stages.draw(job)
    this.scenes.draw(job, story)
    this.waterfall.draw(film)
    this.#count()
  }

  #drawState(job, past) {
    const going = job.status === 'running'
    const stage = job.stages?.find((s) => s.name === job.stage)
    const counted = stage?.assets > 1 ? `, ${stage.done} of ${stage.assets}` : ''
    const doing = job.cancel_requested && !ended(job.status) ? 'Cancelling: what is in flight is being stopped'
      : going ? `${stageDoing(job.stage)}${counted}` : statusName(job.status)
    const emulated = job.provider === 'emulator' ? h('span', { class: 'badge' }, 'Emulator') : ''
    const key = `${job.status} ${doing} ${job.provider}`
    if (this.state.dataset.key !== key) {
      this.state.dataset.key = key
      this.state.dataset.status = job.status
      const sign = { completed: 'check', failed: 'alert', cancelled: 'cross', queued: 'wait' }[job.status]
      this.state.replaceChildren(sign ? icon(sign) : h('span', { class: 'dot', 'aria-hidden': 'true' }), h('span', {}, doing), emulated)
    }
    if (!past) this.#announce(job)
    const buttons = past ? [] : [
      !ended(job.status) && !job.cancel_requested && ['Cancel', 'cancel', 'quiet'],
      job.status === 'cancelled' && ['Go on', 'retry', 'primary'],
    ].filter(Boolean)
    if (this.actions.dataset.verbs !== String(buttons)) {
      this.actions.dataset.verbs = String(buttons)
      this.actions.replaceChildren(...buttons.map(([label, verb, look]) =>
        h('button', { type: 'button', class: look, onclick: () => this.command(verb) }, label)))
    }
  }

  /** Stage changes and ends are worth a screen reader's voice; numbers that tick are not. */
  #announce(job) {
    const words = job.status === 'running' ? stageName(job.stage) : statusName(job.status)
    if (this.#said !== null && this.#said !== words && job.status !== 'failed') announce(words)
    this.#said = words
  }

  #count() {
    const { job } = this.film
    if (!job) return
    const past = this.film.at != null
    const until = job.finished_at ? Date.parse(job.finished_at)
      : past ? Date.parse(this.film.shown.at(-1)?.occurred_at) : now()
    const elapsed = (until - Date.parse(job.started_at ?? job.created_at)) / 1000
    const left = ended(job.status) ? null : roughly(job.eta_s)
    const cost = job.cost ?? {}
    const budget = cost.max_usd == null ? '' : ` of ${money(cost.max_usd)}`
    const unpriced = cost.unpriced ? ` + ${cost.unpriced} unpriced` : ''
    const rows = [
      ['Progress', ended(job.status) && job.status === 'completed' ? null : percent(job.progress)],
      ['Elapsed', duration(elapsed)],
      ['Remaining', left],
      ['Cost', `${money(cost.usd)}${budget}${unpriced}`],
      ['In flight', cost.reserved_usd > 0 ? `up to ${money(cost.reserved_usd)}` : null],
      ['Requests', cost.requests ? integer(cost.requests) : null],
      ['Tokens', cost.tokens ? integer(cost.tokens) : null],
      ['Lost calls', cost.lost_calls ? `${cost.lost_calls}, may have been billed` : null],
    ].filter(([, value]) => value != null)
    const kept = this.figures.children
    rows.forEach(([name, value], index) => {
      let row = kept[index]
      if (!row) this.figures.append((row = h('div', {}, h('dt'), h('dd'))))
      say(row.firstChild, name)
      say(row.lastChild, value)
    })
    while (kept.length > rows.length) this.figures.lastChild.remove()
    this.scenes.count()
    this.waterfall.count(this.film)
  }
}
