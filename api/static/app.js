/** The frame: which view is shown for which address, and what the header says. */

import { api } from './api.js'
import { attribute, h, say } from './dom.js'
import { onState } from './live.js'
import { CompareView } from './views/compare.js'
import { JobView } from './views/job.js'
import { JobsView } from './views/jobs.js'
import { SubmitView } from './views/submit.js'

const byId = (id) => document.getElementById(id)
const main = byId('main')
const VIEWS = { new: SubmitView, jobs: JobsView, job: JobView, compare: CompareView }
let shown = null

/** `#/jobs/ID?at=N` → `{name: 'job', id, at}`. The address is all the state there is to share. */
function route(hash) {
  const [path, query] = hash.replace(/^#/, '').split('?')
  const [first, id, other] = path.split('/').filter(Boolean).map(decodeURIComponent)
  const at = Number.parseInt(new URLSearchParams(query).get('at'), 10)
  if (first === 'compare') return { name: 'compare', id, other }
  if (first === 'jobs' && id) return { name: 'job', id, at: Number.isNaN(at) ? null : at }
  return { name: first === 'jobs' ? 'jobs' : 'new' }
}

function go() {
  const to = route(location.hash)
  if (shown?.name === to.name && shown.id === to.id && shown.other === to.other) return shown.view.move?.(to)
  const first = !shown
  shown?.view.leave?.()
  shown = { ...to, view: new VIEWS[to.name](to) }
  main.replaceChildren(shown.view.element)
  for (const link of document.querySelectorAll('[data-nav]')) attribute(link, 'aria-current', link.dataset.nav === to.name && 'page')
  document.title = 'Reelog'
  scrollTo(0, 0)
  // A new page is announced by its heading; the first one by the browser itself.
  if (!first) (main.querySelector('h1') ?? main).focus({ preventScroll: true })
  shown.view.enter(to)
}

/** Who makes the films, and whether they are there yet; asked again while they are not. */
async function header() {
  const ready = await api.ready().catch(() => null)
  if (!ready) return
  const provider = byId('provider')
  provider.hidden = ready.provider !== 'emulator'
  provider.replaceChildren(h('b', 'Emulator'), h('span', ' Pictures and voices are simulated'))
  const words = ready.reasons?.[0] ?? (ready.actors === 'starting' ? 'The crew is getting ready' : '')
  byId('crew').hidden = !words
  say(byId('crew'), words)
  if (words) setTimeout(header, 3000)
}

const STATES = { live: 'Live', connecting: 'Connecting …', waiting: 'Server away, trying again …' }

onState((state) => {
  const line = byId('connection')
  line.hidden = state === 'idle'
  line.dataset.state = state
  say(line, STATES[state])
  if (state === 'live') header()
  // A stream cannot tell why it was refused; a call can, and leads to the login where that is what is missing.
  if (state === 'waiting') api.jobs({ limit: 1 }).catch(() => {})
})

addEventListener('hashchange', go)
go()
header()
