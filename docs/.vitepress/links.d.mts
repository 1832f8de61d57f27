/** The anchor of a heading, as GitHub makes it. */
export declare function anchorOf(heading: string): string
