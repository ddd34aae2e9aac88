/** Each control is named by the place of its value in the request, as the server's objections are. */

import { h, say } from '../dom.js'

const objection = (name) => h('p.error', { id: `${name}-error`, dir: 'auto', hidden: true })

export function field(name, label, control, ...hint) {
	Object.assign(control.props, { id: name, name, 'aria-describedby': `${name}-hint ${name}-error` })
	return h('div.field', h('label', { for: name }, label), control, h('p.hint', { id: `${name}-hint` }, hint), objection(name))
}

export const choices = (name, legend, values) => h('fieldset.field', h('legend', legend), h('div.choices',
	values.map(([value, label, shape], index) => h('label.option',
		h('input', { type: 'radio', name, value, checked: index === 0, 'aria-describedby': `${name}-error` }), shape, h('span', label)))), objection(name))

/** Choices as `value` or `[value, label]`; the first is as usual, so it has no value. */
export const select = (usual, ...others) => h('select', h('option', { value: '' }, usual),
	others.map((other) => [other].flat()).map(([value, label = value]) => h('option', { value }, label)))

export const number = (props) => h('input', { type: 'number', inputmode: 'decimal', ...props })

export function read(form) {
	const body = {}
	for (const control of form.elements) {
		const { name, type, value, checked, disabled } = control
		if (!name || disabled) continue
		const ticks = type === 'checkbox' || type === 'radio'
		if (ticks ? checked === control.defaultChecked || (type === 'radio' && !checked) : !value.trim() || (type === 'textarea' && value === control.defaultValue)) continue
		const path = name.split('/').slice(1)
		const own = path.pop()
		const place = path.reduce((part, key) => (part[key] ??= {}), body)
		place[own] = value === 'null' && type === 'select-one' ? null : type === 'checkbox' ? checked : type === 'number' || (type === 'select-one' && +value) ? +value : type === 'textarea' ? value : value.trim()
	}
	return body
}

export function mend({ name }) {
	for (const control of document.getElementsByName(name)) {
		if (control.ariaInvalid) document.getElementById(`${name}-error`).hidden = true
		control.removeAttribute('aria-invalid')
	}
}

/** What has no field is given back as a problem. */
export function object(form, { message, errors = [] }) {
	for (const control of form.querySelectorAll('[aria-invalid]')) mend(control)
	const homeless = []
	for (const { pointer, message: words } of errors) {
		const path = String(pointer ?? '').replace(/^#/, '')
		const control = form.querySelector(`[name="${CSS.escape(path)}"]`)
		if (!control) {
			homeless.push({ message: words })
			continue
		}
		const error = document.getElementById(`${path}-error`)
		error.hidden = false
		// The label says which field it is; its name in the request is for programs.
		say(error, words.replace(/^[\w.]+ is /, 'This is '))
		control.setAttribute('aria-invalid', true)
		control.closest('details')?.setAttribute('open', '')
	}
	form.querySelector('[aria-invalid]')?.focus()
	const [first, ...others] = errors.length ? homeless : [{ message }]
	return first && { ...first, errors: others }
}
