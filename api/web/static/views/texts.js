/** Texts to read and to copy: prompts and answers, ids and commands. */

import { api, button, copy, h, say } from '../core.js'

const SHOWN = 50_000

export const copyable = (text, what) => [h('code', text), ' ', button('Copy', ({ currentTarget }) => copy(text, currentTarget), { class: 'quiet small', 'aria-label': `Copy the ${what}` })]

/** Read when it is opened; what is long is cut, as a person reads it. */
export const paper = (name, id, digest) => h('details', { key: name + digest, ontoggle: async ({ target }) => {
	if (!target.open) return
	const text = await api.paper(id, digest).catch(({ message }) => message)
	say(target.lastChild, (typeof text === 'string' ? text : JSON.stringify(text, null, 2)).slice(0, SHOWN))
} }, h('summary', name), h('pre', { tabindex: 0, dir: 'auto' }))
