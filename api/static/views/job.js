/** One film: from its words to the finished picture, now or at any moment of its past. */

import { api, now } from '../api.js'
import { announce, attribute, button, complain, complaint, h, icon, reconcile, say, show, SIGNS } from '../dom.js'
import { Film } from '../film.js'
import { between, duration, ended, integer, money, percent, roughly, stageDoing, stageName, statusName } from '../format.js'
import { EventTable } from './events.js'
import { FailurePanel } from './failure.js'
import { forkPlan } from './plans.js'
import { Player } from './player.js'
import { Record } from './record.js'
import { Scenes } from './scenes.js'
import { Stages } from './stages.js'
import { Waterfall } from './waterfall.js'

export class JobView {
  #said = null
  #tick = null

  constructor({ id }) {
    this.film = new Film(id)
    this.title = h('h1', { tabindex: -1, dir: 'auto' }, 'Film')
    this.state = h('p.state')
    this.bar = h('progress', { max: 1, value: 0, 'aria-label': 'Progress of the film' })
    this.figures = h('dl.figures')
    this.actions = h('div.actions')
    this.problem = complaint()
    this.script = h('p', { dir: 'auto' })
    this.words = h('details.script', h('summary', 'Script'), this.script)
    this.failure = new FailurePanel(this)
    this.player = new Player()
    this.stages = new Stages()
    this.scenes = new Scenes(this)
    this.waterfall = new Waterfall()
    this.table = new EventTable()
    this.record = new Record((...step) => this.goTo(...step))
    this.element = h('article.job', h('header.page', this.title, this.state, this.bar, this.figures, this.actions, this.problem),
      this.record.element,
      h('div.page', this.failure.element, this.player.element),
      h('div.page.making', this.stages.element, this.scenes.element),
      h('div.page', this.words, this.waterfall.element, this.table.element))
    this.film.addEventListener('change', () => this.#draw())
  }

  async enter({ at }) {
    this.film.at = at
    try {
      await this.film.follow()
      await this.film.show(at)
      this.#tick = setInterval(() => this.#count(), 500)
    } catch (problem) {
      this.element.replaceChildren(h('div.page', h('h1', { tabindex: -1 }, problem.status === 404 ? 'There is no such film' : 'This film cannot be shown'),
        h('p', problem.message), h('p', h('a', { href: '#/jobs' }, 'All films'))))
    }
    this.element.classList.add('there')
  }

  /** The address changed: another moment of the same film. */
  move({ at }) {
    this.dare(this.film.show(at))
  }

  leave() {
    clearInterval(this.#tick)
    this.record.pause()
    this.film.leave()
    document.body.classList.remove('past')
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

  /** Do what may fail; the page says why it did. */
  async dare(promise) {
    complain(this.problem, null)
    try {
      await promise
    } catch (problem) {
      complain(this.problem, problem)
    }
  }

  command(verb) {
    return this.dare(api[verb](this.film.id).then((job) => this.take(job)))
  }

  /** The job after a command: that is now. */
  take(job) {
    this.film.take(job)
    if (this.film.at != null) this.goTo(null)
  }

  #draw() {
    const { film } = this
    const { job, story } = film
    const past = film.at != null
    document.body.classList.toggle('past', past)
    this.record.draw(film)
    this.table.draw(film)
    if (!job) return
    const title = job.title ?? story.title
    say(this.title, title ?? 'A film without a name yet')
    this.title.classList.toggle('unnamed', !title)
    document.title = `${ended(job.status) ? statusName(job.status) : percent(job.progress)} · ${title ?? 'Film'} · Reelog`
    this.#drawState(job, story, past)
    attribute(this.bar, 'value', job.progress ?? 0)
    this.bar.hidden = job.status === 'completed'
    const script = story.submitted?.data.script
    say(this.script, script)
    this.words.hidden = !script || !job.scenes.length
    this.failure.draw(job, story, past)
    this.player.draw(job, story)
    this.stages.draw(job)
    this.scenes.draw(job, story, past)
    this.waterfall.draw(film)
    this.#count()
  }

  #drawState(job, story, past) {
    const { status } = job
    const stage = job.stages.find(({ name }) => name === job.stage)
    const counted = stage?.assets > 1 ? `, ${stage.done} of ${stage.assets}` : ''
    const stopping = job.cancel_requested && !ended(status)
    const doing = stopping ? 'Cancelling: what is in flight is being stopped'
      : status === 'running' ? `${stageDoing(job.stage)}${counted}` : statusName(status)
    this.state.dataset.status = status
    show(this.state, `${status} ${doing}`, () => [
      SIGNS[status] ? icon(SIGNS[status]) : h('span.dot', { 'aria-hidden': 'true' }), h('span', doing),
      job.provider === 'emulator' && h('span.badge', 'Emulator')])
    if (!past) this.#announce(job)
    const origin = story.submitted?.data.forked_from?.job_id
    show(this.actions, `${past ? this.film.at : status} ${stopping} ${origin}`, () => [
      !past && !ended(status) && !stopping && button('Cancel', () => this.command('cancel')),
      !past && status === 'cancelled' && button('Go on', () => this.command('retry'), { class: 'primary' }),
      button(past ? 'Fork from here' : 'Fork', () => this.dare(forkPlan(this.film.job, { at: this.film.at }))),
      h('a.button.quiet', { href: `#/compare/${job.id}${origin ? `/${origin}` : ''}` }, origin ? 'Compare with its origin' : 'Compare')])
  }

  /** Stage changes and ends are worth a screen reader's voice; numbers that tick are not. */
  #announce(job) {
    const words = job.status === 'running' ? stageName(job.stage) : statusName(job.status)
    if (this.#said !== null && this.#said !== words && job.status !== 'failed') announce(words)
    this.#said = words
  }

  #count() {
    const { job, at, shown } = this.film
    if (!job) return
    const until = job.finished_at ?? (at == null ? new Date(now()).toISOString() : shown.at(-1)?.occurred_at)
    const { usd, max_usd, unpriced, reserved_usd, requests, tokens, lost_calls } = job.cost
    const rows = [
      ['Progress', job.status !== 'completed' && percent(job.progress)],
      ['Elapsed', duration(between(job.started_at ?? job.created_at, until))],
      ['Remaining', !ended(job.status) && roughly(job.eta_s)],
      ['Cost', `${money(usd)}${max_usd == null ? '' : ` of ${money(max_usd)}`}${unpriced ? ` + ${unpriced} unpriced` : ''}`],
      ['In flight', reserved_usd && `up to ${money(reserved_usd)}`],
      ['Requests', requests && integer(requests)],
      ['Tokens', tokens && integer(tokens)],
      ['Lost calls', lost_calls && `${lost_calls}, may have been billed`],
    ].filter(([, value]) => value)
    reconcile(this.figures, rows, ([name]) => name, ([name]) => h('div', h('dt', name), h('dd')), (row, [, value]) => say(row.lastChild, value))
    this.scenes.count()
    this.waterfall.count(this.film)
  }
}
