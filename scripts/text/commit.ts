/** The first letters of a commit's id, as messages name it. */
export const short = (commit: string): string => commit.slice(0, 8);
