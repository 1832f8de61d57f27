import { type Clause, type Mention, ORDINARY, type SceneObject, printClause } from '@dda-thinker/tabletop-world'

/**
 * What a scene is like after literal edits: the same meaning of a clause as the Editor's, on the scene instead of pixels.
 * Checklists and reference descriptions are written from it.
 *
 * @throws RangeError where an edit has nothing to work on: a fault of the rule that made it
 */
export function applyClauses(objects: readonly SceneObject[], clauses: readonly Clause[]): readonly SceneObject[] {
  return clauses.reduce((table, clause) => applyClause(table, clause), objects)
}

function applyClause(objects: readonly SceneObject[], clause: Clause): readonly SceneObject[] {
  if (clause.op === 'add') {
    const { column, row } = clause.at
    if (column === undefined || objects.some((o) => o.column === column)) throw impossible(clause)
    const { kind, state } = clause.thing
    const added: SceneObject = { kind, column, row: row ?? 'front', size: 'medium', dx: 0, dy: 0 }
    return [...objects, state === undefined ? added : { ...added, state }]
  }
  const target = find(objects, clause.target, clause)
  const change = (result: SceneObject): readonly SceneObject[] => objects.map((o) => (o === target ? result : o))
  switch (clause.op) {
    case 'turn':
      return change(withState(target, clause.state))
    case 'replace':
      return change(withState({ ...target, kind: clause.by.kind }, clause.by.state ?? ORDINARY))
    case 'remove':
      return objects.filter((o) => o !== target)
    case 'resize':
      return change({ ...target, size: clause.size })
    case 'move': {
      const { column = target.column, row = target.row } = clause.to
      if (objects.some((o) => o !== target && o.column === column)) throw impossible(clause)
      return change({ ...target, column, row })
    }
    default: {
      const other = find(objects, clause.other, clause)
      return objects.map((o) => {
        if (o === target) return { ...target, column: other.column, row: other.row }
        return o === other ? { ...other, column: target.column, row: target.row } : o
      })
    }
  }
}

function withState(object: SceneObject, state: string): SceneObject {
  const { state: _state, ...bare } = object
  return state === ORDINARY ? bare : { ...bare, state }
}

function find(objects: readonly SceneObject[], thing: Mention, clause: Clause): SceneObject {
  const found = objects.filter(
    (o) => o.kind === thing.kind && (thing.state === undefined || thing.state === (o.state ?? ORDINARY)),
  )
  const [object] = found
  if (object === undefined || found.length > 1) throw impossible(clause)
  return object
}

function impossible(clause: Clause): RangeError {
  return new RangeError(`the scene does not allow: ${printClause(clause)}`)
}
