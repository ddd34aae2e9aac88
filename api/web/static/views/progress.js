/** What a film says of itself outside of its page: the icon of the tab, and a word when it is done, where somebody asked for that. */

import { button, ended, filmName, statusName } from '../core.js'

const icon = document.querySelector('link[rel=icon]')
const plain = icon.href
const COLOURS = { completed: '#3f8f5f', failed: '#e0492f', cancelled: '#8a847b', awaiting_review: '#e8b45a' }
/** Round the circle of the icon. */
const WAY = 2 * Math.PI * 10

/** The tab's icon: a ring that fills, in the colour of how it ended. */
export function showProgress({ status, progress = 0 }) {
	const colour = COLOURS[status] ?? '#e0492f'
	const share = ended(status) ? 1 : Math.min(1, Math.max(0, progress ?? 0))
	const mark = { completed: '<path d="M11 16.5 15 20 21.500 12.500" fill="none" stroke="#fff" stroke-width="3"/>', failed: '<path d="M16 10v7.500M16 20v2.500" stroke="#fff" stroke-width="3"/>' }[status]
		?? `<circle cx="16" cy="16" r="3.500" fill="${colour}"/>`
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1d1b19"/><circle cx="16" cy="16" r="10" fill="none" stroke="#4a4642" stroke-width="4"/>`
		+ `<circle cx="16" cy="16" r="10" fill="none" stroke="${colour}" stroke-width="4" stroke-dasharray="${(share * WAY).toFixed(0)} 99" transform="rotate(-90 16 16)"/>${mark}</svg>`
	const href = `data:image/svg+xml,${encodeURIComponent(svg)}`
	if (icon.href !== href) icon.href = href
}

export const forgetProgress = () => (icon.href = plain)

const asked = new Set()
const supported = () => 'Notification' in globalThis && Notification.permission !== 'denied'

/** Offered while a film is made, and never without being asked for: a browser asks for leave once. */
export const notifyButton = (job, redraw) => supported() && !ended(job.status)
	&& button(asked.has(job.id) ? 'You will be notified while this page is open' : 'Notify me when it is done', async () => {
		if (asked.has(job.id)) asked.delete(job.id)
		else if (await Notification.requestPermission() === 'granted') asked.add(job.id)
		redraw()
	}, { 'aria-pressed': String(asked.has(job.id)) })

export function notifyWhenDone(job) {
	if (!asked.has(job.id) || !(ended(job.status) || job.status === 'awaiting_review')) return
	asked.delete(job.id)
	// Some browsers of phones have the word but let only service workers say it.
	try {
		new Notification(filmName(job), { body: statusName(job.status), tag: job.id }).onclick = () => focus()
	} catch {}
}
