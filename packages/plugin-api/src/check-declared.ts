import { errors } from './errors.ts'

const ORDERS: readonly unknown[] = ['pre', 'normal', 'post']

/**
 * Can a declaration of `setup` mean anything? Types of its author say so too, where there are any; without them, what is no slot fills none.
 *
 * @param call the function of the API
 * @param args what it was given
 * @throws DdaError `DDA_PLUGIN_SETUP` with what is due instead
 */
export function checkDeclared(plugin: string, call: string, args: readonly unknown[]): void {
  const due = fault(call, args)
  if (due !== undefined) throw errors.make('DDA_PLUGIN_SETUP/argument', { plugin, call, due }, { plugin })
}

function fault(call: string, [first, second, third]: readonly unknown[]): string | undefined {
  switch (call) {
    case 'provide':
      return keyFault(first, 'slot', 'EDITOR, REWARD, THINKER, TRAINER') ?? functionFault(second)
    case 'contribute':
      return keyFault(first, 'list', 'SYNTHESIZERS, CURATORS, JUDGES, BENCHMARKS') ?? functionFault(second)
    case 'tap':
      if (third !== undefined && !ORDERS.includes(third)) return 'its `order` must be `pre`, `normal` or `post`'
      return functionFault(second)
    default:
      return functionFault(first)
  }
}

function keyFault(value: unknown, type: 'slot' | 'list', known: string): string | undefined {
  const { type: is, key } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (is === type && typeof key === 'symbol') return undefined
  return `its first argument must be a ${type} of the plugin API (${known})`
}

function functionFault(value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : 'a function must be given'
}
