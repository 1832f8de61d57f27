/** Milliseconds after which what was not answered is asked for again. */
const PAUSE = 1000

interface Heard<T> {
  readonly onAnswer: (value: T) => void
  readonly onProblem: (message: string) => void
}

/** Asks until there is an answer. @returns ends it */
export function untilAnswered<T>(ask: () => Promise<T>, { onAnswer, onProblem }: Heard<T>): () => void {
  let isWanted = true
  let timer: ReturnType<typeof setTimeout> | undefined
  const once = async () => {
    try {
      const value = await ask()
      if (isWanted) onAnswer(value)
    } catch (error) {
      if (!isWanted) return
      onProblem(error instanceof Error ? error.message : String(error))
      timer = setTimeout(() => void once(), PAUSE)
    }
  }
  void once()
  return () => {
    isWanted = false
    clearTimeout(timer)
  }
}
