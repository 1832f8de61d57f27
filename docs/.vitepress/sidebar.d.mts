/** Groups of the navigation, in order. */
export declare const SIDEBAR: readonly {
  readonly text: string
  readonly collapsed: boolean
  readonly items: readonly { readonly text: string; readonly link: string }[]
}[]
